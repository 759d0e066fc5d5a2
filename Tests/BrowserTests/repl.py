"""Drives the page of live sessions in headless Chromium: python3 repl.py URL. Exits 0 when every check passed."""
import sys

from selenium import webdriver
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

    def cells(self):
        return self.driver.find_elements(By.CSS_SELECTOR, ".cell")

    def text(self):
        return self.script("return document.getElementById('cells').innerText")


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
        cell = page.cell("class Rich:\n  def _repr_html_(self): return '<b id=bold>bold</b><script>parent.hacked = 1</script>'\n\nRich()")
        page.done(cell)
        frame = until(lambda: cell.find_elements(By.TAG_NAME, "iframe"))
        check("HTML is shown in a frame without rights", frame and frame[0].get_attribute("sandbox") == "" and not page.script("return window.hacked"), cell.text)
        if frame:
            driver.switch_to.frame(frame[0])
            check("and it is there", until(lambda: driver.find_elements(By.ID, "bold")) and driver.find_element(By.ID, "bold").text == "bold")
            driver.switch_to.default_content()
        driver.find_element(By.ID, "variables-toggle").click()
        check("variables are listed", until(lambda: "'Ada'" in page.script("return document.getElementById('variables').innerText") or "int" in page.script("return document.getElementById('variables').innerText")))
        field = driver.find_element(By.ID, "code")
        field.send_keys("prin", Keys.TAB)
        until(lambda: field.get_attribute("value") == "print" or driver.find_element(By.ID, "matches").is_displayed())
        check("Tab completes", field.get_attribute("value").startswith("print") or "print" in driver.find_element(By.ID, "matches").text)
        field.clear()
        before = page.text()
        address = driver.current_url
        check("the address names the session", "/repl#" in address, address)
        driver.refresh()
        page.state("idle")
        check("a reload shows the same", until(lambda: page.text() == before), page.text())
        cell = page.cell("x")
        check("and the variables are still there", "6" in page.done(cell), cell.text)
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
    try:
        page = Repl(driver)
        page.state("idle")
        wide = page.script("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
        check("nothing is wider than a phone", wide <= 0, wide)
        driver.find_element(By.ID, "code").send_keys("6 * 7")
        driver.find_element(By.ID, "run").click()
        check("the button executes", until(lambda: page.cells() and "42" in page.done(page.cells()[-1])), page.text())
        driver.find_element(By.ID, "restart").click()
        check("a new interpreter is told", until(lambda: "new interpreter" in page.text()), page.text())
    finally:
        driver.quit()


desktop()
phone()
print(f"{chrome.failures} failed")
sys.exit(1 if chrome.failures else 0)
