"""Drives the playground in headless Chromium: python3 browser.py URL [--screenshots DIR].

Needs chromium, chromium-driver and the selenium package. Exits 0 when every check passed.
"""
import argparse
import json
import sys
import time

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

import chrome
import features
from chrome import Page, check, make_driver, until

parser = argparse.ArgumentParser()
parser.add_argument("url")
parser.add_argument("--screenshots")
options = parser.parse_args()


def shot(driver, name):
    if options.screenshots:
        driver.save_screenshot(f"{options.screenshots}/{name}.png")


# A picture of 40 by 30 points, in colour, made of nothing but what every Python has.
PICTURE = """
import struct, zlib
def chunk(name, data):
    return struct.pack('>I', len(data)) + name + data + struct.pack('>I', zlib.crc32(name + data))
def png(width, height):
    rows = b''.join(b'\\0' + bytes(v for x in range(width) for v in (6 * x % 256, 8 * y, 128)) for y in range(height))
    return (b'\\x89PNG\\r\\n\\x1a\\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', width, height, 8, 2, 0, 0, 0))
            + chunk(b'IDAT', zlib.compress(rows)) + chunk(b'IEND', b''))
for n in (10, 2, 1):
    open(f'plot-{n}.png', 'wb').write(png(40 * n, 30))
"""

DECODED = """
const done = arguments[0];
Promise.all([...document.querySelectorAll('#artifact-list img')].map(async (image) => {
  await image.decode().catch(() => {});
  return { alt: image.alt, width: image.naturalWidth, shown: image.getBoundingClientRect().width, source: image.src.split(':')[0] };
})).then(done);
"""


def pictures(page):
    """What plt.show() of python-data does: the patterns are the language's own, nobody asks for anything."""
    driver = page.driver
    page.choose("python")
    page.program(PICTURE)
    page.run()
    page.wait()
    until(lambda: len(driver.find_elements(By.CSS_SELECTOR, "#artifact-list img")) == 3, 5)
    images = driver.execute_async_script(DECODED)
    check("figures are shown, in the order of their numbers, without being asked for",
          [image["width"] for image in images] == [40, 80, 400]
          and [image["alt"].split(",")[0] for image in images] == ["plot-1.png", "plot-2.png", "plot-10.png"], images)
    check("each says its size, and comes from no document", all(image["alt"].endswith("iB") and image["source"] == "blob" for image in images), images)
    links = driver.find_elements(By.CSS_SELECTOR, "#artifact-list a[download]")
    check("each can be saved", [link.get_attribute("download") for link in links] == ["plot-1.png", "plot-2.png", "plot-10.png"])
    shot(driver, "9-figures")

    page.element("options-toggle").click()
    page.element("artifacts").send_keys("*.svg *.png")
    check("options that are set are marked", "set" in page.element("options-toggle").get_attribute("class"))
    page.program("open('a.svg', 'w').write('<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"window.hacked=3\"/>')\n"
                 "open('b.png', 'w').write('<script>window.hacked=4</script>')\n"
                 "open('c<img src=x onerror=window.hacked=5>.png', 'w').write('')\n"
                 "open('d.png', 'wb').write(b'\\x89PNG\\r\\n\\x1a\\n\\0\\0\\0\\rIHDR' + bytes(99))\n")
    page.run()
    page.wait()
    until(lambda: "cannot be shown" in page.text("artifact-list"))
    check("what is no image is only there to be saved, and a broken one is told",
          len(driver.find_elements(By.CSS_SELECTOR, "#artifact-list a")) == 4 and "d.png 115 B, cannot be shown" in page.text("artifact-list")
          and not driver.find_elements(By.CSS_SELECTOR, "#artifact-list img") and not driver.execute_script("return window.hacked"), page.text("artifact-list"))
    page.element("artifacts").clear()
    page.element("options-toggle").click()


def languages(page):
    driver = page.driver
    page.element("language").click()
    names = "return [...document.querySelectorAll('#language-list [role=option]')].map((o) => o.dataset.name)"
    check("the menu has what is usable, versions behind their language", driver.execute_script(names) == ["bash", "copied", "python"], driver.execute_script(names))
    note = driver.find_element(By.CSS_SELECTOR, "#language-list .note").text
    check("and says how many are not", note.startswith("2 more are not offered here"), note)
    page.element("language").send_keys("nim")
    option = driver.find_element(By.CSS_SELECTOR, "#language-list [data-name=nim]")
    check("a search finds those, apart, with what to do",
          option.get_attribute("aria-disabled") == "true" and "nestbox image build nim" in option.get_attribute("title")
          and option.find_element(By.XPATH, "..").get_attribute("aria-label") == "Not offered here", option.get_attribute("title"))
    page.element("language").send_keys(Keys.ENTER)
    check("which cannot be chosen", "ython" in page.text("language-list") or page.element("language").get_attribute("aria-expanded") == "true")
    page.element("language").send_keys(Keys.ESCAPE)
    check("Escape keeps the old one", page.value("language") == "python" and not page.element("language-list").is_displayed(), page.value("language"))
    page.choose("bash")
    mode = "return document.querySelector('.CodeMirror').CodeMirror.getMode().name"
    check("the editor's mode is loaded on demand", until(lambda: driver.execute_script(mode) == "shell"), driver.execute_script(mode))
    check("no compiler, no options of one", not page.element("compiler-field").is_displayed())
    page.choose("copied")
    check("an example brings its input along", page.value("stdin") == "sample input\n", page.value("stdin"))
    page.run()
    page.wait()
    check("and works", page.text("output") == "sample input\n", page.text("output"))
    page.element("options-toggle").click()
    page.element("compiler-options").send_keys("--verbose")
    page.run()
    page.wait()
    check("options of the compiler reach it", page.text("output") == "'main.copied' -> 'copy'\nsample input\n", page.text("output"))
    page.element("compiler-options").clear()
    page.element("compiler-options").send_keys("--force")
    page.run()
    page.wait()
    check("others are refused at their field, with what is allowed", page.state() == "bad" and "--verbose" in page.text("compiler-options-error"), page.text("options"))
    page.element("compiler-options").clear()
    page.element("options-toggle").click()
    page.program("cat; echo end\n")
    page.run()
    until(lambda: page.element("input-form").is_displayed())
    page.element("eof").click()
    page.wait()
    check("another program does not read what the example does", page.text("output") == "end\n", page.text("output"))


def desktop():
    driver = make_driver(1280, 800)
    try:
        page = Page(driver, options.url)
        shot(driver, "1-start")
        check("the editor is CodeMirror", driver.find_elements(By.CSS_SELECTOR, ".CodeMirror"))
        page.choose("python")
        page.program("")
        page.type("print(6*7)")
        page.run()
        check("a typed program runs by keyboard", until(lambda: page.text("output") == "42\n"), page.text("output"))
        page.wait()
        check("its verdict is shown", page.text("verdict") == "Finished" and page.state() == "ok", page.text("verdict"))

        page.program("import time, sys\nfor i in range(8):\n    print('line', i, flush=True)\n    print('\\x1b[31mred\\x1b[0m err', file=sys.stderr, flush=True)\n    time.sleep(0.25)\n")
        page.run()
        check("output comes before the program ends", until(lambda: "line 1" in page.text("output")) and page.state() == "running", page.text("output"))
        shot(driver, "2-running")
        check("stderr is apart", driver.find_elements(By.CSS_SELECTOR, "#output .stderr"))
        page.wait()

        page.program("name = input('Your name? ')\nprint('Hello', name)\n")
        page.run()
        check("a prompt asks for input", until(lambda: page.text("prompt") == "Your name?"), page.text("prompt"))
        shot(driver, "3-input")
        page.element("input").send_keys("Ada", Keys.ENTER)
        check("the answer reaches the program", until(lambda: "Hello Ada" in page.text("output")), page.text("output"))
        page.wait()

        page.program("while True: pass\n")
        page.run()
        until(lambda: page.state() == "running")
        time.sleep(0.5)
        page.type(Keys.ESCAPE)
        check("Escape leaves the editor, and the program goes on",
              driver.execute_script("return document.activeElement.closest('.CodeMirror') === null") and page.state() == "running", page.state())
        page.keys(".")
        page.wait()
        check("Control and the full stop stop an endless loop", page.text("verdict") == "Stopped", page.text("verdict"))

        page.program("print('<img src=x onerror=\"window.hacked=1\"></script><script>window.hacked=2</script>', '\\x1b]0;title\\x07' + 'after')\n")
        page.run()
        page.wait()
        check("hostile output stays text", "<img src=x" in page.text("output") and "after" in page.text("output")
              and not driver.execute_script("return window.hacked") and not driver.find_elements(By.CSS_SELECTOR, "#output img"), page.text("output"))

        page.program("for i in range(120000): print('x' * 40)\n")
        page.element("options-toggle").click()
        page.run()
        page.wait()
        check("a flood ends at its limit", page.text("verdict") == "Stopped by the output limit", page.text("verdict"))
        shot(driver, "4-flood")
        page.element("options-toggle").click()

        page.program("raise ValueError('no')\n")
        page.run()
        page.wait()
        check("a failing program is told apart", page.state() == "bad" and "exit status 1" in page.text("detail"), page.text("detail"))
        shot(driver, "5-failed")

        pictures(page)
        languages(page)
        page.choose("python")
        features.all(page, options.url, lambda name: shot(driver, name))
        check("no violation of the content policy", driver.execute_script("return window.violations") == [], driver.execute_script("return window.violations"))
        page.element("theme").click()
        check("dark on demand", driver.execute_script("return document.documentElement.dataset.theme") == "dark")

        requests = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
        urls = [m["params"]["request"]["url"] for m in requests if m["method"] == "Network.requestWillBeSent"]
        foreign = [url for url in urls if not url.startswith((options.url, "data:", "blob:", "about:"))]
        check("no request to anybody else", not foreign, foreign[:3])
        errors = [entry for entry in driver.get_log("browser") if entry["level"] == "SEVERE"]
        check("no error in the console", not errors, errors[:2])
    finally:
        driver.quit()


def others():
    driver = make_driver(1280, 800, dark=True)
    try:
        page = Page(driver, options.url)
        page.choose("python")
        page.program("import sys\nfor n in range(5):\n    print(n, n ** 2)\nprint('careful', file=sys.stderr)\n")
        page.run()
        page.wait()
        shot(driver, "6-dark")
        page.program(PICTURE)
        page.run()
        page.wait()
        until(lambda: len(driver.find_elements(By.CSS_SELECTOR, "#artifact-list img")) == 3)
        shot(driver, "11-dark-figures")
        driver.get(options.url + "/docs")
        until(lambda: driver.find_element(By.TAG_NAME, "body").get_attribute("data-ready") == "true")
        check("the contract is a page", "/api/v1/execute" in driver.find_element(By.TAG_NAME, "main").text)
        shot(driver, "7-docs")
    finally:
        driver.quit()
    driver = make_driver(360, 740)
    try:
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True})
        page = Page(driver, options.url)
        page.choose("python")
        page.program("print(input('Name? '))\n")
        page.element("run").click()
        until(lambda: page.text("prompt") == "Name?")
        wide = driver.execute_script("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
        check("nothing scrolls sideways on a phone", wide <= 0, wide)
        place = driver.execute_script(
            "const b = (id) => document.getElementById(id).getBoundingClientRect();"
            "return [b('usage').bottom - innerHeight, b('input').bottom - b('usage').top, b('input-form').left, b('prompt').left, innerWidth - b('eof').right]")
        check("what a run uses is on the screen, the input above it and off the edge", place[0] <= 0.5 and place[1] <= 0 and min(place[3:]) >= 8, place)
        shot(driver, "8-phone")
        page.element("eof").click()
        page.wait()
        page.program(PICTURE)
        page.element("run").click()
        page.wait()
        until(lambda: len(driver.find_elements(By.CSS_SELECTOR, "#artifact-list img")) == 3)
        images = driver.execute_async_script(DECODED)
        wide = driver.execute_script("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
        check("wide figures fit on a phone", wide <= 0 and all(0 < image["shown"] <= 360 for image in images), images)
        driver.execute_script("document.getElementById('artifact-list').scrollIntoView()")
        shot(driver, "10-phone-figures")
        page.program("print(input('Name? '))\n")
        page.element("run").click()
        until(lambda: page.text("prompt") == "Name?")
        page.element("input").send_keys("Ada", Keys.ENTER)
        page.wait()
        check("a phone can answer", "Ada" in page.text("output"), page.text("output"))
    finally:
        driver.quit()


desktop()
others()
print(f"{chrome.failures} failed")
sys.exit(1 if chrome.failures else 0)
