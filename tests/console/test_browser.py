"""A person at the console, in a real browser: they watch, break, read why, mend and ask."""

import json
import re

from tests.console.conftest import served

SOON = 60_000
"""Milliseconds until what was caused must be seen, on a busy machine."""

HOSTILE = "<script>alert('name')</script><img src=x onerror=alert(1)>\N{RIGHT-TO-LEFT OVERRIDE}olleh"


def put(console, *documents):
    put_only(console, *documents)
    console.gateway.act("flush", stream="signups")


def put_only(console, *documents):
    records = [{"Data": each if isinstance(each, bytes) else json.dumps(each).encode()} for each in documents]
    answer = console.gateway.client("firehose").put_record_batch(DeliveryStreamName="signups", Records=records)
    assert answer["FailedPutCount"] == 0


def signup(**members):
    return {
        "signup_id": "01a20a89-12e6-7263-9046-652957130643", "created_at": "2026-11-23T22:00:00.000Z",
        "name": "Ana", "cpf": "123.456.789-09", "producer_id": "browser", "sequence": 1, **members,
    }  # fmt: skip


def ask(page, sql):
    """Type a query, run it and return the grid that answers it."""
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(sql)
    page.keyboard.press("Control+Enter")
    page.get_by_text(re.compile(r"^succeeded")).first.wait_for(timeout=SOON)
    return page.locator(".q-table tbody")


def test_the_producer_is_started_here_and_its_objects_are_seen_to_land(console, window):
    page = window.open(console, "controls")
    page.get_by_label("Records per second").fill("40")
    page.get_by_role("button", name="Start", exact=True).click()
    page.get_by_text(re.compile("--delivery-stream signups .*--rate 40")).first.wait_for(timeout=SOON)
    page.get_by_text("running", exact=True).wait_for(timeout=SOON)

    page.get_by_role("tab", name="Flow").click()
    page.locator(".objects .mono").first.wait_for(timeout=SOON)
    newest = page.locator(".objects .mono").first.inner_text()
    assert re.fullmatch(r"signups/dt=.*/signups-1-.*\.parquet", newest)
    page.wait_for_function("was => document.querySelector('.objects .mono').innerText != was", arg=newest, timeout=SOON)

    page.get_by_role("tab", name="Controls").click()
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_text("stopped", exact=True).wait_for(timeout=SOON)


def test_the_live_chart_moves(console, window):
    page = window.open(console, "flow")
    chart = page.locator(".live svg")
    before = chart.inner_html()

    page.wait_for_function("was => document.querySelector('.live svg').innerHTML != was", arg=before, timeout=SOON)


def test_a_failing_function_is_seen_explained_sent_again_and_healed(console, window):
    page = window.open(console, "controls")
    page.get_by_label("Transform fails").click()
    page.get_by_text("“Transform fails” is on").wait_for()
    put(console, signup(signup_id="healed", name="Sent twice, lost never"))

    page.get_by_role("tab", name="Objects").click()
    page.get_by_text("The transform function failed or timed out").first.wait_for(timeout=SOON)
    assert "123.456.789-09" not in page.content()
    assert "***.456.789-**" in page.content()

    console.gateway.act("clock", advance=120)
    page.get_by_role("tab", name="Monitoring").click()
    page.locator(".ringing").get_by_text("MaskErrorsAlarm").wait_for(timeout=SOON)

    page.get_by_role("tab", name="Controls").click()
    page.get_by_label("Transform fails").click()
    page.get_by_text("“Transform fails” is off").wait_for()

    page.get_by_role("tab", name="Objects").click()
    failed = page.locator(".failure", has_text="healed")
    failed.get_by_role("button", name="Redrive").click()
    page.get_by_text("1 record sent again; watch them land").wait_for(timeout=SOON)
    failed.wait_for(state="hidden", timeout=SOON)

    console.gateway.act("flush", stream="signups")
    page.get_by_role("tab", name="Query").click()
    rows = ask(page, "SELECT name, cpf FROM signups WHERE signup_id = 'healed'")
    rows.get_by_text("Sent twice, lost never").wait_for(timeout=SOON)
    rows.get_by_text("***.456.789-**").wait_for()


def test_a_bucket_that_refuses_is_seen_tried_again_until_it_takes(console, window):
    console.gateway.act("faults", bucket_denied=True)
    try:
        put_only(console, signup(signup_id="patient", sequence=6))
        page = window.open(console, "flow")
        page.get_by_text(re.compile(r"^trying again: S3\.AccessDenied")).wait_for(timeout=SOON)
        page.get_by_text(re.compile(r"^[1-9]\d* retr(y|ies) since the gateway started")).wait_for(timeout=SOON)
    finally:
        console.gateway.act("faults", bucket_denied=False)
    page.get_by_text("trying again").wait_for(state="hidden", timeout=SOON)


def test_malformed_records_are_read_in_words(console, window):
    page = window.open(console, "controls")
    page.get_by_role("button", name="Put malformed records").click()
    page.get_by_text("5 malformed records accepted").wait_for()
    console.gateway.act("flush", stream="signups")

    page.get_by_role("tab", name="Objects").click()
    page.get_by_text("The record is not JSON").first.wait_for(timeout=SOON)


def test_some_are_sent_again_then_all_and_what_was_sent_is_removed(console, window):
    put(console, *(f"still no JSON: {each}".encode() for each in "abc"))
    page = window.open(console, "objects")
    for each in "ab":
        page.locator(".failure", has_text=f"still no JSON: {each}").get_by_role("checkbox").click()
    page.get_by_role("button", name="Redrive chosen").click()
    page.get_by_text("2 records sent again; watch them land").wait_for(timeout=SOON)

    page.get_by_role("button", name="Redrive all").click()
    page.get_by_text(re.compile(r"^\d+ records? sent again.* \(\d+ were sent before\)")).wait_for(timeout=SOON)
    page.get_by_role("button", name=re.compile(r"^Remove \d+ sent objects?$")).click()
    page.get_by_text(re.compile(r"^\d+ error objects? removed")).wait_for(timeout=SOON)


def test_hostile_records_are_shown_as_text_everywhere(console, window):
    put(
        console,
        signup(name=HOSTILE, signup_id="hostile-1", sequence=2),
        signup(name="x" * 100_000, signup_id="hostile-2", sequence=3),
        signup(name=HOSTILE, created_at=HOSTILE),
        f"{HOSTILE} no JSON".encode(),
    )
    page = window.open(console, "objects")
    page.get_by_text("alert('name')").first.wait_for(timeout=SOON)
    page.get_by_text("⟨U+202E⟩").first.wait_for()

    page.get_by_role("tab", name="Query").click()
    drawn = "SELECT substr(name, 1, 90) AS who, count(*) AS n FROM signups WHERE signup_id LIKE 'hostile-%' GROUP BY 1"
    ask(page, drawn)
    page.locator(".nicegui-echart svg").first.wait_for(timeout=SOON)
    page.locator(".nicegui-echart").first.hover()
    page.get_by_role("button", name="Grid").click()
    page.locator(".q-table tbody").get_by_text("<script>").wait_for()
    assert page.locator("img[src=x]").count() == 0


def test_a_parquet_object_is_looked_into_beside_its_table(console, window):
    put(console, signup(signup_id="looked-into", sequence=4))
    page = window.open(console, "objects")
    page.locator(".q-tree").get_by_text("dt=").first.click()
    page.locator(".level tbody button").first.click()

    page.get_by_text("the table's schema", exact=True).wait_for(timeout=SOON)
    page.get_by_text("Schema beside the table's").click()
    page.get_by_text("struct<street:string").first.wait_for()


def test_a_named_query_answers_with_a_grid_its_cost_and_a_csv(console, window):
    put(console, signup(signup_id="named", sequence=5))
    page = window.open(console, "query")
    page.get_by_role("button", name="Audit: verdict").click()
    page.get_by_text(re.compile(r"^succeeded .* scanned · \$0\.00005 on AWS")).first.wait_for(timeout=SOON)
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()

    assert b"producer_id" in open(download.value.path(), "rb").read()  # noqa: PTH123, SIM115 - the browser's own file


def test_a_broken_query_says_what_is_broken(console, window):
    page = window.open(console, "query")
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("SELECT nothing_here FROM signups")
    page.get_by_role("button", name="Run", exact=True).click()

    page.get_by_role("alert").get_by_text("nothing_here").wait_for(timeout=SOON)


def test_a_query_is_cancelled_while_it_runs(console, window):
    page = window.open(console, "query")
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    numbers = "UNNEST(sequence(1, 10000))"
    page.keyboard.insert_text(f"SELECT sum(sqrt(a * b + c)) FROM {numbers} t (a), {numbers} u (b), {numbers} v (c)")
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("The query was asked to stop").wait_for(timeout=SOON)
    page.get_by_text(re.compile("^cancelled")).first.wait_for(timeout=SOON)


def test_what_was_asked_before_is_asked_again_from_the_history(console, window):
    page = window.open(console, "query")
    ask(page, "SELECT 40 + 2 AS answer").get_by_text("42").wait_for(timeout=SOON)
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.locator(".event", has_text="SELECT 40 + 2 AS answer").first.click()

    page.locator(".cm-content", has_text="SELECT 40 + 2 AS answer").wait_for()


def test_range_and_period_are_chosen_and_quota_lines_hidden(console, window):
    page = window.open(console, "monitoring")
    page.get_by_label("Range").click()
    page.get_by_role("option", name="1 d", exact=True).click()
    page.locator(".q-field", has_text="Period").get_by_text("1 h").wait_for(timeout=SOON)
    page.get_by_label("Period").click()
    page.get_by_role("option", name="1 min", exact=True).click()
    page.get_by_text("Over 1 d the shortest period shown is 1 h").wait_for(timeout=SOON)

    limit = page.locator(".chart", has_text="Incoming bytes per second").locator("svg text", has_text="Limit")
    limit.wait_for(timeout=SOON)
    page.get_by_role("switch", name="Quota lines").click()
    limit.wait_for(state="hidden", timeout=SOON)


def test_monitoring_has_the_consoles_charts_by_name(console, window):
    page = window.open(console, "monitoring")
    for title in ("Incoming bytes per second", "Throttled records (Count)", "Delivery to Amazon S3 success",
                  "Delivery to Amazon S3 data freshness (Maximum)",
                  "Records successfully converted using AWS Glue (Sum)"):  # fmt: skip
        page.get_by_role("heading", name=title, exact=True).wait_for()
    page.get_by_text("FreshnessAlarm").wait_for(timeout=SOON)


def test_light_and_dark_are_a_click_apart(console, window):
    page = window.open(console, "flow")
    was = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Light or dark").click()

    page.wait_for_function("was => getComputedStyle(document.body).backgroundColor != was", arg=was)


def test_read_only_it_offers_nothing_that_changes_anything(console, browser):
    put(console, b"not JSON either")
    with served(console.gateway) as url:
        page = browser.new_page()
        page.goto(f"{url}?tab=objects")
        page.get_by_text("The record is not JSON").first.wait_for(timeout=SOON)
        assert page.get_by_role("button", name=re.compile("Redrive")).count() == 0
        page.get_by_role("tab", name="Controls").click()
        page.get_by_text("changes nothing there").wait_for()
        assert page.get_by_role("button", name="Start").count() == 0
        page.close()


def test_a_fault_that_was_switched_elsewhere_is_shown_and_not_switched_again(console, window):
    page = window.open(console, "controls")
    switch = page.get_by_role("switch", name="Transform hangs")
    switch.wait_for(timeout=SOON)
    console.gateway.act("faults", function_slow=True)
    page.wait_for_function(
        "each => each.getAttribute('aria-checked') === 'true'", arg=switch.element_handle(), timeout=SOON
    )
    console.gateway.act("faults", function_slow=False)
    page.wait_for_function(
        "each => each.getAttribute('aria-checked') === 'false'", arg=switch.element_handle(), timeout=SOON
    )
    page.wait_for_timeout(500)

    assert page.locator(".q-notification").count() == 0
    assert console.gateway.act("faults")["function_slow"] is False
