"""The catalog as clients read it: filters on partitions, and what the emulator leaves out."""

import asyncio

import httpx
import pytest

from local.catalog.athena import AthenaCatalogService
from local.catalog.emulated import EmulatedCatalog
from local.catalog.expression import BadExpression, partition_test
from local.catalog.glue import GlueCatalogService
from local.errors import AwsError
from local.wire import NOBODY, Call

KEYS = [{"Name": "dt", "Type": "string"}, {"Name": "n", "Type": "int"}]
ROWS = [{"dt": "2026-11-23-18", "n": "9"}, {"dt": "2026-11-23-19", "n": "10"}, {"dt": "2026-11-24-00", "n": "-1"}]


@pytest.mark.parametrize(
    ("expression", "wanted"),
    {
        "dt = '2026-11-23-19'": [1],
        "dt <> '2026-11-23-19'": [0, 2],
        "n > 9": [1],
        "n >= '9' AND dt < '2026-11-24'": [0, 1],
        "n = -1 OR n = 9": [0, 2],
        "n IN (9, 10)": [0, 1],
        "NOT n IN (9, 10)": [2],
        "n NOT IN (9, 10)": [2],
        "n NOT BETWEEN 0 AND 9": [1, 2],
        "dt BETWEEN '2026-11-23-19' AND '2026-11-24-00'": [1, 2],
        "dt LIKE '2026-11-23%'": [0, 1],
        "dt NOT LIKE '2026-11-23-1_'": [2],
        "(DT='2026-11-23-18' and N=9) or (dt='2026-11-24-00')": [0, 2],
        "n BETWEEN -5 AND 5": [2],
    }.items(),
)
def test_an_expression_chooses_partitions_by_the_types_of_their_keys(expression, wanted):
    test = partition_test(expression, KEYS)
    assert [index for index, row in enumerate(ROWS) if test(row)] == wanted


@pytest.mark.parametrize("expression", ["city = 'x'", "n = 'ten'", "lower(dt) = 'x'", "dt =", "dt = n + 1", "7"])
def test_an_expression_that_glue_would_refuse_is_refused(expression):
    with pytest.raises(BadExpression):
        partition_test(expression, KEYS)({"dt": "2026", "n": "1"})


@pytest.fixture(scope="module")
def catalog(gateway):
    """Reach the catalog of the running gateway's emulator, with a table of two partitions."""
    glue = gateway.client("glue")
    glue.create_database(DatabaseInput={"Name": "catalog_test"})
    serde = {"SerializationLibrary": "S", "Parameters": {"serialization.format": "1"}}
    described = {"Columns": [{"Name": "id", "Type": "bigint", "Comment": "its Number"}], "SerdeInfo": serde,
                 "Location": "s3://lake/t/"}  # fmt: skip
    glue.create_table(
        DatabaseName="catalog_test",
        TableInput={"Name": "t", "StorageDescriptor": described, "PartitionKeys": KEYS, "Description": "Things"},
    )
    inputs = [{"Values": [row["dt"], row["n"]], "StorageDescriptor": described} for row in ROWS]
    glue.batch_create_partition(DatabaseName="catalog_test", TableName="t", PartitionInputList=inputs)

    async def app(scope, receive, send):
        message = await receive()
        headers = {name.decode(): value.decode() for name, value in scope["headers"] if name != b"host"}
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.post(gateway.endpoint, content=message["body"], headers=headers)
        await send({"type": "http.response.start", "status": answer.status_code, "headers": []})
        await send({"type": "http.response.body", "body": answer.content})

    yield EmulatedCatalog(app, "us-east-1", "000000000000")
    glue.delete_database(Name="catalog_test")


def ask(service, operation, **members):
    return asyncio.run(service.call(Call(service.name, operation, members, "us-east-1", NOBODY)))


def of_table(service, operation, **members):
    return ask(service, operation, DatabaseName="catalog_test", TableName="t", **members)


def test_get_partitions_gives_what_the_expression_asks_for_and_no_more(catalog):
    glue = GlueCatalogService(catalog)
    found = of_table(glue, "GetPartitions", Expression="n > 8", ExcludeColumnSchema=True)["Partitions"]
    assert [each["Values"] for each in found] == [["2026-11-23-18", "9"], ["2026-11-23-19", "10"]]
    assert all("Columns" not in each["StorageDescriptor"] for each in found)
    with pytest.raises(AwsError, match="no partition key"):
        of_table(glue, "GetPartitions", Expression="city = 'x'")


def test_get_partitions_pages(catalog):
    glue = GlueCatalogService(catalog)
    first = of_table(glue, "GetPartitions", MaxResults=2)
    rest = of_table(glue, "GetPartitions", MaxResults=2, NextToken=first["NextToken"])
    assert [len(first["Partitions"]), len(rest["Partitions"]), "NextToken" in rest] == [2, 1, False]
    with pytest.raises(AwsError, match="NextToken"):
        of_table(glue, "GetPartitions", NextToken="???")


def test_a_table_has_its_present_version_and_no_owner_that_nobody_set(catalog):
    glue = GlueCatalogService(catalog)
    (version,) = of_table(glue, "GetTableVersions")["TableVersions"]
    assert of_table(glue, "GetTableVersion", VersionId=version["VersionId"])["TableVersion"] == version
    assert "Owner" not in ask(glue, "GetTable", DatabaseName="catalog_test", Name="t")["Table"]
    with pytest.raises(AwsError, match="only the present is kept"):
        of_table(glue, "GetTableVersion", VersionId="77")


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"SearchText": "THING"}, ["t"]),
        ({"SearchText": "its number"}, ["t"]),
        ({"SearchText": '"thing"'}, []),
        ({"SearchText": '"t"'}, ["t"]),
        ({"Filters": [{"Key": "DatabaseName", "Value": "catalog_test"}]}, ["t"]),
        ({"SearchText": "t", "Filters": [{"Key": "databaseName", "Value": "elsewhere"}]}, []),
    ],
)
def test_search_finds_tables_by_their_words(catalog, asked, names):
    found = ask(GlueCatalogService(catalog), "SearchTables", **asked)["TableList"]
    assert [table["Name"] for table in found if table["DatabaseName"] == "catalog_test"] == names


@pytest.mark.parametrize(("expression", "count"), [("t", 1), ("*T*", 1), ("[st]", 1), (".*x", 0)])
def test_tables_are_listed_by_pattern(catalog, expression, count):
    asked = {"DatabaseName": "catalog_test", "Expression": expression}
    assert len(ask(GlueCatalogService(catalog), "GetTables", **asked)["TableList"]) == count
    listed = ask(AthenaCatalogService(catalog), "ListTableMetadata", CatalogName="awsdatacatalog", **asked)
    assert len(listed["TableMetadataList"]) == count


def test_athena_shows_where_a_table_lies_and_tells_a_missing_one_by_its_error_code(catalog):
    athena = AthenaCatalogService(catalog)
    shown = of_table(athena, "GetTableMetadata", CatalogName="AWSDATACATALOG")["TableMetadata"]
    assert shown["Parameters"]["location"] == "s3://lake/t/"
    assert shown["Parameters"]["serde.param.serialization.format"] == "1"
    assert [key["Name"] for key in shown["PartitionKeys"]] == ["dt", "n"]
    with pytest.raises(AwsError, match=r"\(Service: AmazonDataCatalog; .*Error Code: EntityNotFoundException;"):
        ask(athena, "GetTableMetadata", CatalogName="AwsDataCatalog", DatabaseName="catalog_test", TableName="nope")
    assert {"Name": "catalog_test", "Parameters": {}} in ask(athena, "ListDatabases")["DatabaseList"]
    with pytest.raises(AwsError, match="there is only AwsDataCatalog"):
        ask(athena, "ListDatabases", CatalogName="other")


def test_partitions_are_deleted_in_one_call_and_those_that_are_not_there_are_told(catalog):
    glue = GlueCatalogService(catalog)
    gone = [{"Values": ["2026-11-24-00", "-1"]}, {"Values": ["1999-01-01-00", "0"]}]
    errors = of_table(glue, "BatchDeletePartition", PartitionsToDelete=gone)["Errors"]
    assert [(each["PartitionValues"], each["ErrorDetail"]["ErrorCode"]) for each in errors] == [
        (["1999-01-01-00", "0"], "EntityNotFoundException")
    ]
    assert len(of_table(glue, "GetPartitions")["Partitions"]) == 2
