"""JupyterLab in headless Chromium, with its kernels from a gateway: open, run, reload while a cell runs, interrupt, input, restart."""
import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import nbformat
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "BrowserTests"))
import chrome  # noqa: E402

CELLS = [
    "x = 6\nprint('six', x)",
    "x * 7",
    "import time\nfor n in range(60):\n    print('tick', n, flush=True)\n    time.sleep(0.25)",
    "while True:\n    time.sleep(0.1)",
    "print('still', x)",
    "name = input('Your name? ')\nprint('hello', name)",
    "'x' in globals()",
]


@contextlib.contextmanager
def server(url: str):
    """JupyterLab's own server, with a notebook in its folder; yields its URL and token."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(16)
    with tempfile.TemporaryDirectory() as folder:
        notebook = nbformat.v4.new_notebook(
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
            cells=[nbformat.v4.new_code_cell(code) for code in CELLS])
        os.makedirs(folder + "/work")
        nbformat.write(notebook, folder + "/work/tour.ipynb")
        # What asks once only whether to tell news would stand before the page.
        os.makedirs(folder + "/config/labconfig")
        with open(folder + "/config/labconfig/page_config.json", "w") as file:
            json.dump({"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}, file)
        environment = dict(os.environ, HOME=folder, JUPYTER_CONFIG_DIR=folder + "/config", JUPYTER_DATA_DIR=folder + "/data", JUPYTER_RUNTIME_DIR=folder + "/runtime")
        arguments = [
            sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}", "--ServerApp.ip=127.0.0.1", f"--IdentityProvider.token={token}",
            f"--gateway-url={url}", f"--ServerApp.root_dir={folder}/work"]
        if key := os.environ.get("NESTBOX_KEY"):
            arguments.append(f"--GatewayClient.auth_token={key}")
        with open(folder + "/log", "w+") as log:
            process = subprocess.Popen(arguments, env=environment, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd=folder)
            try:
                until(lambda: reaches(f"http://127.0.0.1:{port}/api?token={token}"), 60)
                yield f"http://127.0.0.1:{port}", token
            finally:
                process.terminate()
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def reaches(address: str):
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return json.load(answer)
    except OSError:
        return None


def until(condition, seconds=30):
    """The first true value; fails when none comes."""
    end = time.monotonic() + seconds
    while True:
        try:
            if value := condition():
                return value
        except WebDriverException:
            # The page is being drawn anew.
            if time.monotonic() > end:
                raise
        if time.monotonic() > end:
            raise AssertionError("it did not come to that in time")
        time.sleep(0.1)


class Lab:
    """One page with the notebook."""

    def __init__(self, driver, address: str, token: str):
        self.driver = driver
        driver.get(f"{address}/lab/tree/tour.ipynb?token={token}&reset")
        self.wait()

    def script(self, text, *arguments):
        return self.driver.execute_script(text, *arguments)

    def wait(self):
        until(lambda: len(self.cells()) >= len(CELLS), 90)
        until(lambda: self.status() in ("idle", "busy"), 60)

    def status(self):
        return self.script("return document.querySelector('.jp-NotebookPanel .jp-Notebook-ExecutionIndicator')?.dataset.status")

    def cells(self):
        return self.driver.find_elements(By.CSS_SELECTOR, ".jp-Notebook .jp-CodeCell")

    def select(self, index: int):
        cell = self.cells()[index]
        self.script("arguments[0].scrollIntoView({block: 'center'})", cell)
        cell.find_element(By.CSS_SELECTOR, ".jp-InputPrompt").click()

    def run(self, index: int):
        """Executes a cell by the keyboard, as a person does."""
        self.select(index)
        webdriver.ActionChains(self.driver).key_down(Keys.CONTROL).send_keys(Keys.ENTER).key_up(Keys.CONTROL).perform()

    def output(self, index: int) -> str:
        return self.script(
            "return [...document.querySelectorAll('.jp-Notebook .jp-CodeCell')[arguments[0]].querySelectorAll('.jp-OutputArea-output')].map(o => o.innerText).join('\\n')", index)

    def prompt(self, index: int) -> str:
        return self.script("return document.querySelectorAll('.jp-Notebook .jp-CodeCell')[arguments[0]].querySelector('.jp-InputPrompt').innerText", index)

    def command(self, keys: str):
        """Two keys of command mode: `ii` interrupts, `00` restarts."""
        webdriver.ActionChains(self.driver).send_keys(keys).perform()


def execution(lab: Lab):
    lab.run(0)
    until(lambda: "six 6" in lab.output(0))
    lab.run(1)
    until(lambda: "42" in lab.output(1))
    assert lab.prompt(1) == "[2]:", lab.prompt(1)


def reload(lab: Lab):
    """Output goes on in the same cell after the page has been loaded again while it runs."""
    lab.run(2)
    until(lambda: "tick 3" in lab.output(2))
    # Saves the notebook, with the output so far.
    webdriver.ActionChains(lab.driver).key_down(Keys.CONTROL).send_keys("s").key_up(Keys.CONTROL).perform()
    time.sleep(1)
    lab.driver.refresh()
    lab.wait()
    until(lambda: lab.status() == "busy", 20)
    until(lambda: lab.status() == "idle", 40)
    lab.run(1)
    until(lambda: "42" in lab.output(1))


def interruption(lab: Lab):
    lab.run(3)
    until(lambda: lab.prompt(3) == "[*]:")
    time.sleep(0.5)
    lab.select(3)
    lab.command("ii")
    until(lambda: "KeyboardInterrupt" in lab.output(3), 20)
    lab.run(4)
    until(lambda: "still 6" in lab.output(4))


def question(lab: Lab):
    lab.run(5)
    field = until(lambda: lab.driver.find_elements(By.CSS_SELECTOR, ".jp-Stdin-input"))[0]
    field.send_keys("Ada", Keys.ENTER)
    until(lambda: "hello Ada" in lab.output(5))


def restart(lab: Lab):
    lab.select(6)
    lab.command("00")
    until(lambda: lab.driver.find_elements(By.CSS_SELECTOR, ".jp-Dialog .jp-mod-accept"))[0].click()
    until(lambda: lab.status() == "idle")
    time.sleep(1)
    lab.run(6)
    until(lambda: "False" in lab.output(6))


def run(url: str):
    """Returns (cases, passed, skipped, failures, failures that are allowed)."""
    cases = (execution, reload, interruption, question, restart)
    failures = []
    with server(url) as (address, token):
        driver = chrome.make_driver(1280, 1400)
        try:
            lab = Lab(driver, address, token)
            for case in cases:
                try:
                    case(lab)
                except (AssertionError, IndexError, WebDriverException) as error:
                    failures.append(f"{case.__name__}: {str(error).splitlines()[0]}; it shows {[lab.output(index) for index in range(len(lab.cells()))]}")
                    if folder := os.environ.get("SCREENSHOTS"):
                        driver.save_screenshot(f"{folder}/lab-{case.__name__}.png")
            if folder := os.environ.get("SCREENSHOTS"):
                driver.save_screenshot(f"{folder}/lab.png")
        finally:
            driver.quit()
    return len(cases), len(cases) - len(failures), 0, failures, []
