"""Drives the page of live sessions in headless Chromium: python3 repl.py URL. Exits 0 when every check passed."""
import sys

from selenium import webdriver
from selenium.common.exceptions import NoAlertPresentException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

import chrome
from chrome import check, make_driver, until

url = sys.argv[1]


class Repl:
    def __init__(self, driver, address="/repl"):
        self.driver = driver
        driver.get(url + address)

    def script(self, text, *arguments):
        return self.driver.execute_script(text, *arguments)

    def state(self, wanted, seconds=20):
        return until(lambda: self.script("return document.body.dataset.state") == wanted, seconds)

    def cell(self, code):
        """Types a cell and executes it by the keyboard alone; returns its element when it has ended."""
        before = len(self.cells())
        field = self.driver.find_element(By.ID, "code")
        field.send_keys(code)
        webdriver.ActionChains(self.driver).key_down(Keys.SHIFT).send_keys(Keys.ENTER).key_up(Keys.SHIFT).perform()
        until(lambda: len(self.cells()) > before)
        return self.cells()[-1]

    def done(self, cell):
        until(lambda: "running" not in cell.get_attribute("class"))
        return cell.text

    def keys(self, *keys, modifier=None):
        chain = webdriver.ActionChains(self.driver)
        (chain.key_down(modifier).send_keys(*keys).key_up(modifier) if modifier else chain.send_keys(*keys)).perform()

    def shows_end(self):
        """Whether the last cell ends above the entry."""
        return self.script("return [...document.querySelectorAll('.cell')].at(-1).getBoundingClientRect().bottom <= document.getElementById('entry').getBoundingClientRect().top")

    def cells(self):
        return self.driver.find_elements(By.CSS_SELECTOR, ".cell")

    def checkpoints(self):
        return self.driver.execute_async_script(
            "const done = arguments[0]; fetch('/api/v1/sessions/' + location.hash.slice(1, 33)).then((answer) => answer.json()).then((session) => done(session.checkpoints.length))")

    def notice(self):
        return self.script("return document.getElementById('notice').textContent")

    def text(self):
        return self.script("return document.getElementById('cells').innerText")


def alert(driver):
    try:
        return driver.switch_to.alert
    except NoAlertPresentException:
        return None


def html(page):
    driver = page.driver
    page.script("window.messages = []; addEventListener('message', ({data}) => messages.push(data))")
    cell = page.cell("class Rich:\ndef __init__(self, n): self.n = n\ndef _repr_html_(self): return "
                     "'<b id=bold>bold</b><script>document.body.id = \"ran\"; parent.postMessage(\"ran\", \"*\")</script>' + '<p>more</p>' * self.n\n" + Keys.BACKSPACE + "Rich(1)")
    page.done(cell)
    frame = until(lambda: cell.find_elements(By.TAG_NAME, "iframe"))
    check("HTML is shown in a frame without this origin", frame and frame[0].get_attribute("sandbox") == "allow-scripts", cell.text)
    height = until(lambda: page.script("return messages.length") and frame[0].size["height"])
    check("as high as its content", 40 < height < 120, height)
    driver.switch_to.frame(frame[0])
    check("it is there", until(lambda: driver.find_elements(By.ID, "bold")) and driver.find_element(By.ID, "bold").text == "bold")
    check("and its own scripts are not executed", not driver.find_elements(By.ID, "ran"))
    driver.switch_to.default_content()
    check("nor do they speak to the page", "ran" not in page.script("return messages"), page.script("return messages"))
    cell = page.cell("Rich(500)")
    page.done(cell)
    height = until(lambda: cell.find_element(By.TAG_NAME, "iframe").size["height"] > 500) and cell.find_element(By.TAG_NAME, "iframe").size["height"]
    check("however high that is, within bounds", 500 < height < 700, height)
    check("the newest cell is in view when its frame has grown", until(page.shows_end))


def undo(page):
    driver = page.driver
    page.done(page.cell("x = 7"))
    page.done(page.cell("x = 8"))
    undone = page.cells()[-2:]
    for value in ("7", "6"):
        check("a cell can be undone", until(lambda: driver.find_element(By.ID, "undo").is_enabled()))
        before = page.script("return document.querySelectorAll('.note').length")
        page.keys("z", modifier=Keys.ALT)
        until(lambda: page.script("return document.querySelectorAll('.note').length") > before and driver.find_element(By.ID, "code").is_enabled())
        page.state("idle")
        if value == "7":
            check("it alone is marked", "undone" in undone[1].get_attribute("class") and "undone" not in undone[0].get_attribute("class"))
    check("both are marked", all("undone" in cell.get_attribute("class") for cell in undone))
    cell = page.cell("x")
    check("the variable is what it was before them", page.done(cell).splitlines()[1] == "6", cell.text)
    for number in range(10):
        page.done(page.cell(f"n = {number}"))
    check("the page keeps a few checkpoints only", until(lambda: page.checkpoints() == 8), page.checkpoints())


def desktop():
    driver = make_driver(1200, 900)
    try:
        page = Repl(driver)
        check("a session begins by itself", page.state("idle"), page.script("return document.body.innerText"))
        cell = page.cell("x = 6; print('out', x); x * 7")
        text = page.done(cell)
        check("output and value are shown", "out 6" in text and "42" in text and "ok" in cell.get_attribute("class"), text)
        cell = page.cell("1 / 0")
        check("an error is shown with its traceback", "ZeroDivisionError" in page.done(cell) and "error" in cell.get_attribute("class"), cell.text)
        cell = page.cell("input('Name? ')")
        field = until(lambda: cell.find_elements(By.CSS_SELECTOR, "form input"))
        check("a question is asked in the cell", field and field[0].get_attribute("placeholder") == "Name? ", cell.text)
        field[0].send_keys("Ada", Keys.ENTER)
        check("and answered there", "'Ada'" in page.done(cell), cell.text)
        page.driver.find_element(By.ID, "code").click()
        cell = page.cell("while True: pass")
        page.state("busy")
        webdriver.ActionChains(driver).key_down(Keys.CONTROL).send_keys(".").key_up(Keys.CONTROL).perform()
        page.done(cell)
        check("Ctrl . interrupts", "interrupted" in cell.get_attribute("class"), cell.get_attribute("class"))
        page.state("idle")
        html(page)
        undo(page)
        driver.find_element(By.ID, "variables-toggle").click()
        check("variables are listed", until(lambda: "'Ada'" in page.script("return document.getElementById('variables').innerText") or "int" in page.script("return document.getElementById('variables').innerText")))
        field = driver.find_element(By.ID, "code")
        field.send_keys("prin", Keys.TAB)
        until(lambda: field.get_attribute("value") == "print" or driver.find_element(By.ID, "matches").is_displayed())
        check("Tab completes", field.get_attribute("value").startswith("print") or "print" in driver.find_element(By.ID, "matches").text)
        field.clear()
        field.send_keys("i", Keys.TAB)
        until(lambda: driver.find_element(By.ID, "matches").is_displayed())
        check("completions are chosen by keyboard", page.script("return document.activeElement.parentElement.id") == "matches")
        page.keys(Keys.ARROW_DOWN, Keys.TAB)
        check("and go into the code", len(field.get_attribute("value")) > 1 and page.script("return document.activeElement.id") == "code", field.get_attribute("value"))
        field.clear()
        field.send_keys("i", Keys.TAB)
        until(lambda: driver.find_element(By.ID, "matches").is_displayed())
        page.keys("n")
        check("typing goes on in the code", field.get_attribute("value") == "in" and not driver.find_element(By.ID, "matches").is_displayed(), field.get_attribute("value"))
        field.clear()
        field.send_keys("def f(n):", Keys.ENTER, "return n + 1", Keys.ENTER)
        check("a new line has its indentation", field.get_attribute("value") == "def f(n):\n    return n + 1\n    ", repr(field.get_attribute("value")))
        field.send_keys(Keys.BACKSPACE, "f(1)")
        check("which one key takes back", field.get_attribute("value").endswith("\nf(1)"), repr(field.get_attribute("value")))
        field.clear()
        # The service may have sessions of Python alone.
        page.script("const list = document.getElementById('language'); list.append(new Option('another')); list.focus()")
        page.keys(Keys.ARROW_DOWN)
        asked = until(lambda: alert(driver))
        check("another language asks before the session is lost", asked and "files are lost" in asked.text, asked)
        asked.dismiss()
        check("and is not taken then", page.script("return document.getElementById('language').value") == "python" and page.script("return document.body.dataset.state") == "idle")
        before = page.text()
        address = driver.current_url
        check("the address names the session", "/repl#" in address, address)
        driver.refresh()
        page.state("idle")
        check("a reload shows the same", until(lambda: page.text() == before), page.text())
        check("what was undone, too", len(driver.find_elements(By.CSS_SELECTOR, ".cell.undone")) == 2)
        cell = page.cell("x")
        check("and the variables are still there", "6" in page.done(cell), cell.text)
        driver.find_element(By.ID, "observers").click()
        check("a link for observers", until(lambda: "observers" in page.notice() or ",observe" in page.notice()), page.notice())
        driver.switch_to.new_window("tab")
        observer = Repl(driver, "/repl#" + address.split("#")[1] + ",observe")
        check("an observer sees all of it", until(lambda: "ZeroDivisionError" in observer.text()), observer.text())
        check("and cannot execute anything", observer.script("return document.getElementById('code').disabled && document.getElementById('run').disabled"))
        errors = [entry["message"] for entry in driver.get_log("browser") if entry["level"] == "SEVERE"]
        check("no errors in the console", not errors, errors)
    finally:
        driver.quit()


def phone():
    driver = make_driver(500, 800)
    # Narrower than headless Chromium makes its windows.
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": 390, "height": 600, "deviceScaleFactor": 1, "mobile": True})
    driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True})
    try:
        page = Repl(driver)
        page.state("idle")
        wide = page.script("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
        check("nothing is wider than a phone", wide <= 0, wide)
        driver.find_element(By.ID, "code").send_keys("6 * 7")
        driver.find_element(By.ID, "run").click()
        check("the button executes", until(lambda: page.cells() and "42" in page.done(page.cells()[-1])), page.text())
        page.done(page.cell("for i in range(100): print(i)"))
        check("the end of a long output is in view", until(page.shows_end))
        for name in ("run", "interrupt", "undo", "end"):
            box = page.script("const box = document.getElementById(arguments[0]).getBoundingClientRect(); return [box.left, box.top, box.right, box.bottom]", name)
            check(f"the button {name} is in the window", box[0] >= 0 and box[1] >= 0 and box[2] <= 390 and box[3] <= 600, box)
        top = page.script("return new Set(['interrupt', 'undo', 'restart', 'variables-toggle', 'observers', 'end'].map((id) => document.getElementById(id).offsetTop)).size")
        check("all buttons are in one row", top == 1, top)
        check("no keys are named to fingers", "Shift" not in driver.find_element(By.ID, "code").get_attribute("placeholder"))
        driver.find_element(By.ID, "restart").click()
        check("a new interpreter is told", until(lambda: "new interpreter" in page.text()), page.text())
    finally:
        driver.quit()


desktop()
phone()
print(f"{chrome.failures} failed")
sys.exit(1 if chrome.failures else 0)
