"""PySpark on the table's folder, copied out of the bucket."""

from probe import BUCKET, FOLDER, MINE, PEOPLE, main, operation  # type: ignore[import-not-found]  # the file beside this script
from pyspark.sql import SparkSession  # type: ignore[import-not-found]  # lives in an environment of its own

spark = (
    SparkSession.builder.master("local[1]")
    .config("spark.ui.enabled", "false")
    .config("spark.driver.host", "127.0.0.1")
    .config("spark.driver.bindAddress", "127.0.0.1")
    .config("spark.sql.session.timeZone", "UTC")
    .config("spark.sql.shuffle.partitions", "1")
    .config("spark.log.level", "ERROR")
    .getOrCreate()
)


@operation("read.parquet of the folder: schema with struct, timestamps and partition")
def _():
    found = {field.name: field.dataType.simpleString() for field in spark.read.parquet(FOLDER).schema}
    assert found["created_at"].startswith("timestamp")
    assert found["address"].startswith("struct<street:string,")
    assert (found["sequence"], found["dt"]) == ("bigint", "string"), found


@operation("read.parquet of the folder: rows")
def _():
    rows = spark.read.parquet(FOLDER).where(MINE).orderBy("sequence").collect()
    assert [(row.name, row.address.state, row.job) for row in rows] == [tuple(person) for person in PEOPLE]
    assert rows[0].created_at.isoformat() == "2026-02-28T23:59:59.001000", rows[0].created_at


@operation("spark.sql with a filter on the partition")
def _():
    spark.read.parquet(FOLDER).createOrReplaceTempView("signups")
    sql = f"SELECT job, count(*) AS n FROM signups WHERE dt >= '2026' AND {MINE} GROUP BY job HAVING count(*) > 1"
    assert [tuple(row) for row in spark.sql(sql).collect()] == [("Professor", 2)]
    assert spark.sql("SELECT count(*) FROM signups WHERE dt < '2026'").first()[0] == 0


@operation("read.parquet of s3a://")
def _():
    spark.read.parquet(f"s3a://{BUCKET}/signups").count()


main()
spark.stop()
