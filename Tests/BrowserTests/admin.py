"""Drives the page of administrators in headless Chromium: python3 admin.py URL [DIRECTORY FOR PICTURES]. Exits 0 when every check passed."""
import json
import os
import sys
import urllib.error
import urllib.request

from selenium.webdriver.common.by import By

import chrome
from chrome import check, make_driver, until

url = sys.argv[1]
pictures = sys.argv[2] if len(sys.argv) > 2 else None


def ask(method, path, body=None):
    request = urllib.request.Request(
        url + path, json.dumps(body).encode() if body is not None else None, {"content-type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def submit(code="sleep 60", language="bash"):
    return ask("POST", "/api/v1/runs", {"language": language, "code": code})[1]["run_id"]


def text(driver, name):
    return driver.execute_script("return document.getElementById(arguments[0]).innerText", name)


def picture(driver, name):
    if pictures:
        driver.save_screenshot(f"{pictures}/{name}.png")


def write(limits):
    """Changes a policy of the operator's, and has it taken over."""
    path = os.environ["NESTBOX_OVERLAY"] + "/policies/bash.yaml"
    with open(path, "w") as file:
        file.write("version: 1\nname: bash\nextends: default\nimage: bash\nlimits: {" + limits + "}\n")
    os.chmod(path, 0o644)
    return ask("POST", "/api/v1/admin/policies/reload")[1]


def policies():
    driver = make_driver(1300, 1000)
    try:
        driver.get(url + "/admin")
        check("the generation in force is told", until(lambda: "Generation 1 is in force" in text(driver, "policies")), text(driver, "policies"))
        write("open_files: 70")
        answer = write("open_files: 80, cpu: 3s")
        check("another one is", until(lambda: f"Generation {answer['generation']} is in force" in text(driver, "policies")), text(driver, "policies"))
        check("with the history", until(lambda: text(driver, "generations").count("bash") == 2), text(driver, "generations"))
        # The newest is first.
        driver.find_element(By.CSS_SELECTOR, "#generations tbody button").click()
        check("what it has changed is shown", until(lambda: "limits.open_files" in text(driver, "diff")), text(driver, "diff"))
        check("with both values, and where they are from", all(part in text(driver, "diff") for part in ("70", "80", "limits.cpu", "policies/bash.yaml:5")), text(driver, "diff"))
        driver.execute_script("document.getElementById('policies').scrollIntoView()")
        picture(driver, "policies")
        write("open_filess: 80")
        check("a change that is refused is told with its place", until(lambda: "policies/bash.yaml:5" in text(driver, "policies-errors")), text(driver, "policies"))
        check("on top, too", "change refused" in text(driver, "tiles"), text(driver, "tiles"))
        picture(driver, "policies-refused")
        write("open_files: 80, cpu: 3s")
        check("and is gone when it is mended", until(lambda: text(driver, "policies-errors") == ""), text(driver, "policies"))
        check("nothing was blocked by the page's own policy", driver.execute_script("return violations") == [])
    finally:
        driver.quit()


def desktop():
    driver = make_driver(1300, 1000)
    try:
        first = submit()
        ask("POST", "/api/v1/execute", {"language": "bash", "code": "exit 3"})
        ask("POST", "/execute", {"language": "python", "code": "6 * 7"})
        for _ in range(6):
            submit()
        driver.get(url + "/admin")
        check("the page shows health", until(lambda: text(driver, "health") == "ok"), text(driver, "health"))
        check("a run is listed with who and since", until(lambda: first[:12] in text(driver, "runs")), text(driver, "runs"))
        check("its stage and address are told", "running" in text(driver, "runs") and "127.0.0.1" in text(driver, "runs"), text(driver, "runs"))
        check("a recent verdict is listed", until(lambda: "nonzero_exit" in text(driver, "recent")), text(driver, "recent"))
        check("clients are listed", "127.0.0.1" in text(driver, "clients"), text(driver, "clients"))
        check("languages are listed", "python" in text(driver, "images") and "lua" in text(driver, "images"), text(driver, "images"))
        check("places and memory are told", "of 4" in text(driver, "tiles") and "GiB" in text(driver, "tiles"), text(driver, "tiles"))
        picture(driver, "desktop")
        head = driver.find_elements(By.CSS_SELECTOR, "#runs th button")[1]
        head.click()
        check("a column sorts", until(lambda: driver.execute_script("return document.querySelectorAll('#runs th')[1].getAttribute('aria-sort')") == "ascending"))
        button = driver.find_element(By.CSS_SELECTOR, f"#runs button[data-key='{first}']")
        button.click()
        driver.switch_to.alert.dismiss()
        check("a question that is declined ends nothing", ask("GET", f"/api/v1/runs/{first}")[1]["state"] == "running")
        driver.find_element(By.CSS_SELECTOR, f"#runs button[data-key='{first}']").click()
        driver.switch_to.alert.accept()
        check("a run is killed", until(lambda: (ask("GET", f"/api/v1/runs/{first}")[1].get("result") or {}).get("verdict") == "cancelled"))
        check("and leaves the list", until(lambda: first[:12] not in text(driver, "runs")), text(driver, "runs"))
        driver.find_element(By.ID, "drain").click()
        driver.switch_to.alert.accept()
        check("the service drains", until(lambda: "draining" in text(driver, "health")), text(driver, "health"))
        check("and refuses runs", ask("POST", "/api/v1/execute", {"language": "bash", "code": "x"})[0] == 503)
        picture(driver, "draining")
        driver.find_element(By.ID, "drain").click()
        check("and accepts again", until(lambda: text(driver, "health") == "ok"), text(driver, "health"))
        status, answer = ask("POST", "/api/v1/execute", {"language": "bash", "code": "echo 42"})
        check("runs are accepted again", status == 200, answer)
        check("nothing was blocked by the page's own policy", driver.execute_script("return violations") == [], driver.execute_script("return violations"))
        check("no script failed", [entry for entry in driver.get_log("browser") if entry["level"] == "SEVERE" and "503" not in entry["message"]] == [])
    finally:
        driver.quit()


def phone():
    driver = make_driver(390, 844, dark=True)
    try:
        driver.get(url + "/admin")
        check("a phone shows it", until(lambda: text(driver, "health") == "ok"))
        check("and the page is no wider than the phone", until(lambda: driver.execute_script("return document.documentElement.scrollWidth <= innerWidth")), driver.execute_script("return [document.documentElement.scrollWidth, innerWidth]"))
        picture(driver, "phone")
        driver.find_element(By.CSS_SELECTOR, "#generations tbody button").click()
        check("a diff, neither", until(lambda: "limits" in text(driver, "diff")) and driver.execute_script("return document.documentElement.scrollWidth <= innerWidth"), text(driver, "diff"))
        driver.execute_script("document.getElementById('policies').scrollIntoView()")
        picture(driver, "phone-policies")
    finally:
        driver.quit()


policies()
desktop()
phone()
for row in ask("GET", "/api/v1/admin/overview")[1]["runs"]:
    ask("DELETE", f"/api/v1/admin/runs/{row['run_id']}")
print(f"{chrome.failures} failed")
sys.exit(1 if chrome.failures else 0)
