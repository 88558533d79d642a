"""Mistakes that people make in such a template, as edits of its text.

The first table are realistic ones, of which linters alone notice about a quarter; the second are this project's own.
`find` must occur once in the template; where it must not, `after` names text that comes before it.
"""

# ruff: noqa: E501 - one mistake a line reads as the table that it is

from typing import NamedTuple


class Mutation(NamedTuple):
    mistake: str
    find: str
    replace: str
    after: str = ""

    def applied(self, text: str) -> str:
        """Return the template's text with the mistake in it; raises ValueError when the edit is not unambiguous."""
        head, tail = "", text
        if self.after:
            before, found, tail = text.partition(self.after)
            head = before + found
        if (times := tail.count(self.find)) == 0 or (times > 1 and not self.after):
            raise ValueError(f"{self.mistake}: {self.find!r} occurs {times} times")
        return head + tail.replace(self.find, self.replace, 1)


M = Mutation
REALISTIC = [
    M("the partition column is not escaped", "signups/dt=${!dt}/", "signups/dt=${dt}/"),
    M("the buffer is 256 MiB", "SizeInMBs: !Ref BufferSizeMegabytes", "SizeInMBs: 256"),
    M("the buffer interval is 1200 s", "IntervalInSeconds: !Ref BufferIntervalSeconds", "IntervalInSeconds: 1200"),
    M("the runtime is deprecated", "Runtime: python3.14", "Runtime: python3.9"),
    M("a role is misspelt in GetAtt", "Role: !GetAtt CrawlerRole.Arn", "Role: !GetAtt CrawlersRole.Arn"),
    M("a processor parameter is misspelt", "ParameterName: BufferSizeInMBs,", "ParameterName: BufferSizeInMb,"),
    M("Fargate has no such size", 'Memory: "512"', 'Memory: "256"'),
    M("the scan cut-off is too low", "${ScanCutoffMegabytes}000000", "${ScanCutoffMegabytes}"),
    M("the year of the week in the prefix", 'Prefix: "signups/dt=!{timestamp:yyyy', 'Prefix: "signups/dt=!{timestamp:YYYY'),
    M(
        "no error prefix",
        '        ErrorOutputPrefix: "errors/!{firehose:error-output-type}/dt=!{timestamp:yyyy-MM-dd-HH}/"\n',
        "",
    ),
    M("the error prefix lacks the type", "errors/!{firehose:error-output-type}/dt=", "errors/dt="),
    M("a projection property is missing", '          projection.dt.interval: "1"\n', ""),
    M("a projection property is misspelt", "projection.dt.interval.unit: HOURS", "projection.dt.interval.units: HOURS"),
    M("a projection value is no string", 'projection.dt.interval: "1"', "projection.dt.interval: 1"),
    M("the buffer is too small to convert", "SizeInMBs: !Ref BufferSizeMegabytes", "SizeInMBs: 5"),
    M("objects are compressed twice", "CompressionFormat: UNCOMPRESSED", "CompressionFormat: GZIP"),
    M("new folders only, with a catalog target", "CRAWL_EVERYTHING}", "CRAWL_NEW_FOLDERS_ONLY}"),
    M("the crawler deprecates", "DeleteBehavior: LOG", "DeleteBehavior: DEPRECATE_IN_DATABASE"),
    M("the crawler's configuration is broken JSON", '"InheritFromTable"}}}', '"InheritFromTable"}}'),
    M("the crawler's configuration has an unknown key", '"Grouping":{', '"Groupings":{'),
    M("a cron expression of five fields", "ScheduleExpression: !Ref CrawlerSchedule", "ScheduleExpression: cron(10 * * * *)"),
    M("dt is a column too", "            - {Name: signup_id, Type: string}\n", "            - {Name: dt, Type: string}\n", "SignupsTable:"),
    M("an unknown Hive type", "{Name: sequence, Type: bigint}", "{Name: sequence, Type: long}", "SignupsTable:"),
    M("the function outlives Firehose's patience", "Timeout: 60", "Timeout: 900", "  MaskFunction:"),
    M("a runtime that SAM does not build", "Runtime: python3.14", "Runtime: python3.15"),
    M("Firehose may not invoke", "Action: [lambda:InvokeFunction, lambda:GetFunctionConfiguration]", "Action: lambda:GetFunctionConfiguration"),
    M("an IAM action is misspelt", "glue:GetTableVersions]", "glue:GetTablesVersions]"),
    M("the dashboard is broken JSON", '"periodOverride": "inherit",', '"periodOverride": "inherit"'),
    M("the transform's buffer is 10 MiB", 'ParameterName: BufferSizeInMBs, ParameterValue: "1"', 'ParameterName: BufferSizeInMBs, ParameterValue: "10"'),
    M("a metric is misspelt", "MetricName: DeliveryToS3.DataFreshness", "MetricName: DeliveryToS3.Freshness"),
    M("the task may take 300 s to stop", "StopTimeout: 60", "StopTimeout: 300"),
    M("launch type and capacity provider", "      CapacityProviderStrategy: [", "      LaunchType: FARGATE\n      CapacityProviderStrategy: ["),
    M("a query does not parse", "count(DISTINCT signup_id) AS signups", "count(DISTINCT signup_id AS signups", "QueryPerMinuteLastHour:"),
    M("an S3 ARN is wrong in a policy", '${LakeBucket.Arn}/signups/*", !Sub "${LakeBucket.Arn}/errors/*"]', '${LakeBucket}/signups/*", !Sub "${LakeBucket}/errors/*"]'),
    M("new columns are merged by the crawler", '"CrawlerOutput":{', '"CrawlerOutput":{"Tables":{"AddOrUpdateBehavior":"MergeNewColumns"},'),
]  # fmt: skip

OWN = [
    M("the buffer may pass 128 MiB", "MaxValue: 128", "MaxValue: 256"),
    M("the last objects of an hour land after the crawl", "MaxValue: 120", "MaxValue: 600"),
    M("the crawler updates the schema", "{UpdateBehavior: LOG", "{UpdateBehavior: UPDATE_IN_DATABASE"),
    M("compressionType is missing", "          compressionType: none\n", "", "  SignupsTable:"),
    M("processing is not enabled", "        ProcessingConfiguration:\n          Enabled: true\n", "        ProcessingConfiguration:\n"),
    M("the backup keeps raw records", "S3BackupMode: Disabled", "S3BackupMode: Enabled"),
    M("the schema is pinned", "VersionId: LATEST", 'VersionId: "1"'),
    M("the function is not qualified", "ParameterValue: !Ref MaskFunction.Alias", "ParameterValue: !GetAtt MaskFunction.Arn"),
    M("the trust is not guarded", "StringEquals: {sts:ExternalId: !Ref AWS::AccountId}", "StringEquals: {aws:SourceAccount: !Ref AWS::AccountId}"),
    M("anybody may run a producer", "Principal: {AWS: !Ref ProducerPrincipalArn}", 'Principal: {AWS: "*"}'),
    M("Glue is granted the table only", "                  - !Sub arn:${AWS::Partition}:glue:${AWS::Region}:${AWS::AccountId}:catalog\n", "", "Sid: ReadSchema"),
    M("the log grant stops at the group", "log-group:${DeliveryLogGroup}:log-stream:${DeliveryLogStream}", "log-group:${DeliveryLogGroup}"),
    M("the crawler may delete", "- glue:UpdateTable\n", "- glue:UpdateTable\n                  - glue:DeleteTable\n"),
    M("a role may do anything with S3", "Action: [s3:PutObject, s3:AbortMultipartUpload]\n                Resource: [", "Action: s3:*\n                Resource: ["),
    M("analysts read error objects", '"${LakeBucket.Arn}/daily/*"]', '"${LakeBucket.Arn}/*"]', "Sid: ReadSignups\n            Effect"),
    M("the errors are open to all", "Sid: ErrorObjectsForOperatorsOnly\n            Effect: Deny", "Sid: ErrorObjectsForOperatorsOnly\n            Effect: Allow"),
    M("the deny blocks delivery", "Action: [s3:GetObject, s3:GetObjectVersion]", "Action: s3:*"),
    M("plain HTTP is allowed to objects", 'Resource: [!GetAtt LakeBucket.Arn, !Sub "${LakeBucket.Arn}/*"]', "Resource: [!GetAtt LakeBucket.Arn]", "Sid: TlsOnly"),
    M("the bucket goes with the stack", "DeletionPolicy: Retain", "DeletionPolicy: Delete", "  LakeBucket:"),
    M("error objects never expire", "Prefix: errors/\n            ExpirationInDays: !Ref ErrorRetentionDays", "Prefix: error/\n            ExpirationInDays: !Ref ErrorRetentionDays"),
    M("the bucket is versioned", "      NotificationConfiguration:\n", "      VersioningConfiguration: {Status: Enabled}\n      NotificationConfiguration:\n"),
    M("nobody hears of error objects", "EventBridgeEnabled: true", "EventBridgeEnabled: false"),
    M("errors land in the table", 'ErrorOutputPrefix: "errors/', 'ErrorOutputPrefix: "signups/errors/'),
    M("results land in the table", "OutputLocation: !Sub s3://${LakeBucket}/athena-results/", "OutputLocation: !Sub s3://${LakeBucket}/signups/results/"),
    M("clients choose where results go", "EnforceWorkGroupConfiguration: true", "EnforceWorkGroupConfiguration: false"),
    M("the partition key is a date", "{Name: dt, Type: string,", "{Name: dt, Type: date,"),
    M("the projection walks days", "projection.dt.interval.unit: HOURS", "projection.dt.interval.unit: DAYS"),
    M("the location lacks its slash", "Location: !Sub s3://${LakeBucket}/signups/\n", "Location: !Sub s3://${LakeBucket}/signups\n"),
    M("prefix and projection differ", "projection.dt.format: yyyy-MM-dd-HH", "projection.dt.format: yyyy/MM/dd/HH"),
    M("the delivery log has no stream", "          LogStreamName: !Ref DeliveryLogStream\n", ""),
    M("the key is in the template", "GenerateSecretString: {PasswordLength: 64, ExcludePunctuation: true}", "SecretString: 0123456789abcdef0123456789abcdef"),
    M("the variable has another name", "TOKEN_KEY_SECRET: !Ref TokenKey", "TOKEN_SECRET: !Ref TokenKey"),
    M("the function shares SAM's default role", "      Role: !GetAtt MaskRole.Arn\n", ""),
    M("logs are kept for ever", "      RetentionInDays: !Ref LogRetentionDays\n", "", "  MaskLogGroup:"),
    M("an alarm is on another dimension", "Dimensions: [{Name: DeliveryStreamName,", "Dimensions: [{Name: StreamName,", "  FailedConversionAlarm:"),
    M("an expression uses a metric that is not there", "FILL(incoming,0)>0", "FILL(received,0)>0"),
    M("an expression returns nothing", "          ReturnData: true\n", "          ReturnData: false\n", "  QuotaAlarm:"),
    M("a quota is not watched", "MetricName: PutRequestsPerSecondLimit", "MetricName: RecordsPerSecondLimit"),
    M("an alarm tells nobody", "      AlarmActions: [!Ref AlarmTopic]\n", "", "  ThrottlingAlarm:"),
    M("freshness is averaged", "Statistic: Maximum", "Statistic: Average", "  FreshnessAlarm:"),
    M("success alarms when it is high", "ComparisonOperator: LessThanThreshold", "ComparisonOperator: GreaterThanThreshold", "  DeliverySuccessAlarm:"),
    M("missing data is a breach", "TreatMissingData: notBreaching", "TreatMissingData: breaching", "  FreshnessAlarm:"),
    M("silence is no breach", "TreatMissingData: breaching", "TreatMissingData: notBreaching"),
    M("the duration is compared in seconds", "Threshold: 36000", "Threshold: 36"),
    M("EventBridge may not publish", "Principal: {Service: events.amazonaws.com}", "Principal: {Service: eventbridge.amazonaws.com}"),
    M("the rule listens to another prefix", "key: [{prefix: errors/}]", "key: [{prefix: error/}]"),
    M("two charts overlap", '"x": 16, "y": 4,', '"x": 12, "y": 4,'),
    M("the task does not wait for its route", "    DependsOn: [ProducerDefaultRoute, ProducerRouteAssociation]\n", ""),
    M("the task has no address", "AssignPublicIp: ENABLED", "AssignPublicIp: DISABLED"),
    M("the network exists without an image", "    Condition: RunProducer\n", "", "  ProducerVpc:"),
    M("a query reads another table", "FROM signups\n", "FROM sign_ups\n", "QueryTopCities:"),
    M("the bucket has a fixed name", "    UpdateReplacePolicy: Retain\n    Properties:\n", "    UpdateReplacePolicy: Retain\n    Properties:\n      BucketName: !Sub signups-lake-${AWS::AccountId}\n", "  LakeBucket:"),
    M("a parameter is out of the interface", "[AlarmEmail, FreshnessAlarmSeconds, ExpectTraffic]", "[AlarmEmail, ExpectTraffic]"),
    M("a check is skipped without a reason", ', comment: "It reaches nothing private."', ""),
    M("an accent", "Sign-ups delivered by Firehose", "Sign-ups d\u00e9livered by Firehose"),
    M("the policy races the role", "  CrawlerRole:\n    Type: AWS::IAM::Role\n", "  Extra:\n    Type: AWS::IAM::Policy\n    Properties: {PolicyName: x, Roles: [!Ref MaskRole], PolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Action: s3:GetObject, Resource: !GetAtt LakeBucket.Arn}]}}\n\n  CrawlerRole:\n    Type: AWS::IAM::Role\n"),
]  # fmt: skip
