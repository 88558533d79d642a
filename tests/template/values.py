"""Values that parameters of the template take, and values that they do not."""

DIGEST = "sha256:" + 64 * "0"

GOOD = [
    ("AlarmEmail", "on-call@example.com"),
    ("AnalystPrincipalArn", "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/Analyst_0a1b"),
    ("CrawlerSchedule", "cron(15 0/2 * * ? *)"),
    ("CrawlerSchedule", "none"),
    ("FirstPartition", "2026-12-31-23"),
    ("KmsKeyArn", "arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"),
    ("ProducerImageUri", f"111122223333.dkr.ecr.sa-east-1.amazonaws.com/signups/producer@{DIGEST}"),
    ("ProducerImageUri", "111122223333.dkr.ecr.sa-east-1.amazonaws.com/producer:2.0.0"),
]

BAD = [
    ("AlarmEmail", "on-call"),
    ("BufferIntervalSeconds", "301"),
    ("BufferIntervalSeconds", "-1"),
    ("BufferSizeMegabytes", "63"),
    ("CrawlerSchedule", "cron(10 * * * *)"),
    ("CrawlerSchedule", "rate(1 hour)"),
    ("DatabaseName", "Sign-ups"),
    ("ErrorRetentionDays", "0"),
    ("FirstPartition", "2026-11-01"),
    ("FirstPartition", "2026-13-01-00"),
    ("FirstPartition", "2026-11-01-24"),
    ("KmsKeyArn", "arn:aws:kms:us-east-1:111122223333:alias/signups"),
    ("LogRetentionDays", "2"),
    ("ProducerImageUri", "docker.io/library/python:3.14"),
    ("ScanCutoffMegabytes", "9"),
    ("TransformBufferIntervalSeconds", "121"),
    ("StreamName", "sign ups"),
    ("StreamName", 65 * "s"),
]
