"""Everybody can use the page: by keyboard alone, in either theme, on a phone; measured, not looked at."""

import re

import pytest

from tests.console.test_browser import SOON, put, signup

TABS = ["flow", "monitoring", "objects", "query", "controls"]
LAID_OUT_MILLISECONDS, REDRAWN_MILLISECONDS = 1_500, 700
MOST_STOPS = 150

CONTROLS = """() => {
  const operable = 'a[href], button, input, select, textarea, summary, [role=switch], [role=checkbox], [role=tab],'
    + ' [role=button], [role=combobox], .cm-content, .q-tree__node-header, [tabindex="0"]';
  const shown = each => {
    const box = each.getBoundingClientRect();
    return box.width > 0 && box.height > 0 && getComputedStyle(each).visibility !== 'hidden';
  };
  const off = each => each.closest('[disabled], [aria-disabled=true], .disabled');
  // One of a group of tabs is a stop, and the arrow keys go on from there (WAI-ARIA, tabs pattern).
  const roving = each => each.matches('[role=tab][tabindex="-1"]');
  return [...document.querySelectorAll(operable)].filter(each => shown(each) && !off(each) && !roving(each));
}"""

LISTEN = """() => {
  window.reached = new Set();
  document.addEventListener('focusin', event => window.reached.add(event.target));
}"""

VISIBLE = """() => {
  const at = document.activeElement, style = getComputedStyle(at);
  const outlined = each => each && getComputedStyle(each).outlineStyle !== 'none'
    && parseFloat(getComputedStyle(each).outlineWidth) >= 2;
  return at === document.body || outlined(at) || outlined(at.closest('.cm-editor'))
    || !!at.closest('.q-field--focused');
}"""

UNREACHED = f"""() => ({CONTROLS})().filter(each =>
  ![...window.reached].some(stop => stop === each || stop.contains(each) || each.contains(stop))
).map(each => each.outerHTML.slice(0, 160))"""

CONTRASTS = """() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgba = colour => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255];
  };
  const over = (top, below) => [0, 1, 2].map(at => top[at] * top[3] + below[at] * (1 - top[3])).concat(1);
  const behind = element => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      if (colour[3] > 0) layers.push(colour);
      if (colour[3] === 1) break;
    }
    return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255, 1]);
  };
  const light = colour => colour.slice(0, 3).map(each => each / 255)
    .map(each => each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4)
    .reduce((sum, each, at) => sum + each * [0.2126, 0.7152, 0.0722][at], 0);
  const poor = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement, box = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    if (!walker.currentNode.data.trim() || !box.width || style.visibility === 'hidden') continue;
    if (element.closest('script, style, title, [disabled], .disabled, [aria-hidden=true], .q-icon')) continue;
    let opacity = 1;
    for (let at = element; at; at = at.parentElement) opacity *= parseFloat(getComputedStyle(at).opacity);
    const ground = behind(element), colour = rgba(element.closest('svg') ? style.fill : style.color);
    const ink = over([...colour.slice(0, 3), colour[3] * opacity], ground);
    const [high, low] = [light(ink), light(ground)].sort((a, b) => b - a);
    const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < (large ? 3 : 4.5)) {
      poor.push(`${ratio.toFixed(2)} ${walker.currentNode.data.trim().slice(0, 60)} (${element.className})`);
    }
  }
  return [...new Set(poor)];
}"""
"""What is below 4.5:1, or 3:1 where letters are large (WCAG 2.2, 1.4.3)."""


@pytest.fixture(scope="module")
def lively(console):
    """Return the console with rows, a failure that waits and an alarm, so that there is something to reach and read."""
    put(console, *(signup(signup_id=f"lively-{each}", sequence=each) for each in range(20)), b"not JSON")
    console.gateway.act("clock", advance=120)
    return console


@pytest.mark.parametrize("tab", TABS)
def test_every_control_is_a_stop_of_the_tab_key_and_the_stop_is_seen(lively, window, tab):
    page = window.open(lively, tab)
    page.wait_for_timeout(LAID_OUT_MILLISECONDS)
    page.evaluate(LISTEN)
    unseen = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Escape")  # out of the editor, where Tab indents
        page.keyboard.press("Tab")
        page.wait_for_timeout(20)  # the editor marks its focus a moment later
        if not page.evaluate(VISIBLE):
            unseen.append(page.evaluate("document.activeElement.outerHTML.slice(0, 200)"))
        if not page.evaluate(UNREACHED):
            break
    assert page.evaluate(UNREACHED) == []
    assert unseen == []


def press(page, role, name, key="Enter"):
    control = page.get_by_role(role, name=name).first
    control.wait_for(timeout=SOON)
    control.focus()
    page.keyboard.press(key)


def test_an_object_is_opened_with_the_enter_key(lively, window):
    page = window.open(lively, "objects")
    press(page, "button", re.compile(r"^signups-1-.*\.parquet$"))
    page.get_by_text("the table's schema", exact=True).wait_for(timeout=SOON)


def test_a_named_query_is_asked_with_the_enter_key(lively, window):
    page = window.open(lively, "query")
    press(page, "button", re.compile("^Audit: verdict"))
    page.get_by_text(re.compile("^succeeded")).first.wait_for(timeout=SOON)


def test_the_editor_is_left_with_escape_and_tab(lively, window):
    page = window.open(lively, "query")
    page.locator(".cm-content").focus()
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.closest('.cm-editor') === null")


def test_a_fault_is_switched_with_the_space_bar_and_confirmed(lively, window):
    page = window.open(lively, "controls")
    for state in ("on", "off"):
        press(page, "switch", "Throttle puts", "Space")
        page.get_by_text(f"“Throttle puts” is {state}").wait_for(timeout=SOON)


def test_an_alarm_is_opened_with_the_enter_key(lively, window):
    page = window.open(lively, "monitoring")
    quiet = page.locator("details:not(.ringing)").first
    quiet.wait_for(timeout=SOON)
    quiet.locator("summary").focus()
    page.keyboard.press("Enter")
    quiet.locator(".told").wait_for()


def test_flush_and_the_theme_are_operated_with_the_keyboard(lively, window):
    page = window.open(lively, "controls")
    press(page, "button", "Flush now")
    page.get_by_text("records delivered now").wait_for(timeout=SOON)
    was = page.evaluate("getComputedStyle(document.body).backgroundColor")
    press(page, "button", "Light or dark", "Space")
    page.wait_for_function("was => getComputedStyle(document.body).backgroundColor != was", arg=was)


@pytest.mark.parametrize("tab", TABS)
def test_every_text_stands_out_from_what_is_behind_it_in_light_and_dark(lively, window, tab):
    page = window.open(lively, f"{tab}&theme=light")
    if tab == "query":
        press(page, "button", re.compile("^Last fifteen minutes"))
        page.locator(".nicegui-echart svg").first.wait_for(timeout=SOON)
    page.wait_for_timeout(LAID_OUT_MILLISECONDS)
    if tab == "controls":
        press(page, "button", "Flush now")
        page.wait_for_timeout(REDRAWN_MILLISECONDS)
    assert page.evaluate(CONTRASTS) == []

    press(page, "button", "Light or dark")
    page.locator(".body--dark").wait_for()
    page.wait_for_timeout(REDRAWN_MILLISECONDS)
    assert page.evaluate(CONTRASTS) == []


@pytest.mark.parametrize("tab", TABS)
def test_nothing_scrolls_sideways_on_a_desk_or_a_phone(lively, window, tab):
    page = window.open(lively, tab)
    page.wait_for_timeout(LAID_OUT_MILLISECONDS)
    if tab == "objects":
        page.locator(".level tbody button").first.click()
        page.get_by_text("Schema beside the table's").click()
        page.get_by_text("struct<street:string").first.wait_for(timeout=SOON)
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_timeout(REDRAWN_MILLISECONDS)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
