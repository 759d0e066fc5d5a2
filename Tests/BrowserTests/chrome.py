"""What the checks of the page share: a headless Chromium, waiting, and the playground's fields."""
import time

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

failures = 0


def check(name, condition, detail=""):
    global failures
    failures += 0 if condition else 1
    print(("ok    " if condition else "FAILED"), name, "" if condition else f"({detail})", flush=True)


def make_driver(width, height, dark=False):
    chrome = webdriver.ChromeOptions()
    chrome.binary_location = "/usr/bin/chromium"
    # A question that opens while keys are sent is for the test to answer, not for the driver.
    chrome.unhandled_prompt_behavior = "ignore"
    for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", f"--window-size={width},{height}"]:
        chrome.add_argument(argument)
    chrome.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=chrome, service=webdriver.ChromeService("/usr/bin/chromedriver"))
    driver.set_script_timeout(20)
    if dark:
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark"}]})
    driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {
        "source": "window.violations = []; addEventListener('securitypolicyviolation', e => violations.push(e.violatedDirective + ' ' + e.blockedURI));"})
    return driver


def until(condition, seconds=15):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    return condition()


class Page:
    """The playground, once its editor is there."""

    def __init__(self, driver, url):
        self.driver = driver
        driver.get(url)
        self.ready()

    def ready(self):
        until(lambda: self.driver.execute_script("return document.body?.dataset.editor === 'true'"))

    def element(self, name):
        return self.driver.find_element(By.ID, name)

    def text(self, name):
        return self.driver.execute_script("return document.getElementById(arguments[0]).textContent", name)

    def value(self, name):
        return self.driver.execute_script("return document.getElementById(arguments[0]).value", name)

    def state(self):
        return self.element("status").get_attribute("data-state")

    def choose(self, language):
        field = self.element("language")
        if field.get_attribute("title").split("\n")[0] == language:
            return
        field.click()
        field.send_keys(language, Keys.ENTER)
        # The example is fetched.
        until(lambda: self.driver.execute_async_script("setTimeout(arguments[0], 0, true)"))
        time.sleep(0.15)

    def code(self):
        return self.driver.execute_script("return document.querySelector('.CodeMirror').CodeMirror.getValue()")

    def program(self, code):
        """Puts a program into the editor, as pasting it does: typed by hand the editor would close brackets by itself."""
        self.driver.execute_script(
            "const m = document.querySelector('.CodeMirror').CodeMirror; m.focus();"
            "m.replaceRange(arguments[0], {line: 0, ch: 0}, m.posFromIndex(1e9), 'paste')", code)

    def keys(self, *keys, modifier=Keys.CONTROL):
        webdriver.ActionChains(self.driver).key_down(modifier).send_keys(*keys).key_up(modifier).perform()

    def type(self, *keys):
        webdriver.ActionChains(self.driver).send_keys(*keys).perform()

    def run(self):
        self.keys(Keys.ENTER)

    def wait(self):
        until(lambda: self.driver.execute_script("return document.getElementById('run').disabled") is False, 30)

    def execute(self, code):
        self.program(code)
        self.run()
        self.wait()
        return self.text("output")
