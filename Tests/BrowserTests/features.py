"""What people expect of an editor in a browser: nothing is lost, links hold it all, mistakes are shown where they are."""
import os
import tempfile
import time

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from chrome import check, until

CONTRAST = """
const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
const light = (parts) => parts.slice(0, 3).map((v) => v / 255).map((v) => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
  .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
return [...document.querySelectorAll(arguments[0])].filter((e) => e.offsetParent && !e.closest(':disabled')).map((element) => {
  const front = rgb(getComputedStyle(element).color);
  let opacity = 1, back = null;
  for (let at = element; at; at = at.parentElement) {
    opacity *= getComputedStyle(at).opacity;
    const colour = rgb(getComputedStyle(at).backgroundColor);
    if (!back && (colour[3] ?? 1) > 0) back = colour;
  }
  const mixed = front.slice(0, 3).map((v, i) => v * opacity + back[i] * (1 - opacity));
  const [a, b] = [light(mixed), light(back)].sort((x, y) => y - x);
  return [element.textContent.trim().slice(0, 20), (a + .05) / (b + .05)];
}).filter(([text]) => text);
"""


def all(page, url, shot):
    contrast(page)
    drafts(page)
    fields(page)
    links(page, url)
    examples(page, url)
    problems(page, shot)
    lines(page)
    terminal(page, shot)
    again(page)
    tools(page)


def contrast(page):
    for mode in ("light", "dark"):
        page.driver.execute_script("document.documentElement.dataset.theme = arguments[0]", mode)
        found = page.driver.execute_script(CONTRAST, "kbd, header a, header button span, .bar button, dt, dd, #detail, label, .CodeMirror-linenumber")
        poor = [entry for entry in found if entry[1] < 4.5]
        check(f"small text can be read, {mode}", len(found) > 10 and not poor, poor or len(found))
    page.driver.execute_script("delete document.documentElement.dataset.theme")


def drafts(page):
    page.choose("python")
    page.program("print('mine')\n")
    page.choose("bash")
    check("another language has its own text", "mine" not in page.code(), page.code())
    page.program("echo ours\n")
    # Not waited for: what is typed last is kept, too.
    page.driver.refresh()
    page.ready()
    check("a reload keeps the program", page.code() == "echo ours\n" and page.value("language") == "bash", page.code())
    page.choose("python")
    check("and that of the other language", page.code() == "print('mine')\n", page.code())


def fields(page):
    page.element("options-toggle").click()
    page.element("arguments").send_keys("one 'two words' \"3\"")
    out = page.execute("import sys\nprint(sys.argv[1:])\n")
    check("arguments are quoted as in a shell", out == "['one', 'two words', '3']\n", out)
    page.element("arguments").send_keys(" 'open")
    page.run()
    check("an open quote is told at the field", until(lambda: page.driver.find_elements(By.ID, "arguments-error"))
          and page.element("arguments").get_attribute("aria-invalid") == "true", page.text("options"))
    page.element("arguments").clear()
    page.element("limit-memory").send_keys("9TB")
    page.run()
    until(lambda: page.driver.find_elements(By.ID, "limit-memory-error"))
    check("so is a wrong limit, and not in the output", "9TB" in page.text("limit-memory-error") and page.text("output") == ""
          and page.element("limit-memory").get_attribute("aria-invalid") == "true", page.text("result-pane"))
    page.element("limit-memory").clear()
    page.element("limit-memory").send_keys(Keys.SPACE, Keys.BACKSPACE)
    check("which goes away when it is mended", not page.driver.find_elements(By.ID, "limit-memory-error"))
    check("what limits there are is said", page.element("limit-cpu").get_attribute("placeholder") != "" and "at most" in page.element("limit-cpu").get_attribute("title"))
    until(lambda: page.element("network-field").is_displayed())
    page.element("network").click()
    out = page.execute("import socket\nserver = socket.create_server(('127.0.0.1', 0))\nsocket.create_connection(server.getsockname())\nprint('connected')\n")
    check("the local network can be asked for", out == "connected\n", out)
    page.element("network").click()


def links(page, url):
    driver = page.driver
    with tempfile.TemporaryDirectory() as folder:
        for name, data in [("data.txt", b"from a file\n"), ("data.bin", b"\xff\xfe\x00")]:
            with open(os.path.join(folder, name), "wb") as file:
                file.write(data)
            page.element("add-files").send_keys(os.path.join(folder, name))
        until(lambda: len(driver.find_elements(By.CSS_SELECTOR, "#files li")) == 2)
    page.element("arguments").send_keys("a 'b c'")
    page.element("limit-cpu").send_keys("2s")
    page.element("stdin").send_keys("typed\n")
    code = "import sys\nprint(sys.argv[1:], open('data.txt').read(), len(open('data.bin', 'rb').read()), input())\n"
    wanted = "['a', 'b c'] from a file\n 3 typed\n"
    out = page.execute(code)
    check("files beside the program are there", out == wanted, out)
    page.element("share").click()
    check("share makes a link", until(lambda: "#2z" in driver.current_url), driver.current_url)
    link = driver.current_url
    driver.get("about:blank")
    driver.execute_cdp_cmd("Storage.clearDataForOrigin", {"origin": url, "storageTypes": "local_storage"})
    driver.get(link)
    page.ready()
    page.run()
    page.wait()
    check("the link brings it all back", page.code() == code and page.text("output") == wanted and page.value("limit-cpu") == "2s",
          [page.code(), page.text("output"), page.value("limit-cpu")])
    page.program("print('changed')\n")
    check("what is changed is not the link's any more", "#" not in driver.current_url, driver.current_url)
    driver.get(f"{url}/#9zAAAA")
    driver.refresh()
    page.ready()
    check("a link of a later version says so", "newer version" in page.text("toast"), page.text("toast"))
    page.element("options-toggle").click()
    driver.execute_script("document.querySelectorAll('#files button').forEach((b) => b.click())")
    for name in ("arguments", "limit-cpu", "stdin"):
        page.element(name).clear()
    page.element("options-toggle").click()


def examples(page, url):
    driver = page.driver
    select = "const s = document.getElementById('samples'); s.selectedIndex = arguments[0]; s.dispatchEvent(new Event('change'))"
    titles = driver.execute_script("return [...document.getElementById('samples').options].map((o) => o.label)")
    check("there are examples", titles[:3] == ["Examples…", "Say hello", "Ask for input"], titles)
    page.program("print('mine')\n")
    driver.execute_script(select, 1)
    until(lambda: "Hello, " in page.code())
    hello = page.code()
    out = page.execute(hello)
    check("the first says hello", out.count("Hello") == 3 and page.value("stdin") == "", out)
    driver.execute_script("document.querySelector('.CodeMirror').CodeMirror.focus()")
    page.keys("z")
    page.keys("z")
    check("undo brings back what was there", until(lambda: page.code() == "print('mine')\n"), page.code())
    page.element("reset").click()
    check("and reset the example", until(lambda: page.code() == hello), page.code())
    driver.execute_script(select, 3)
    until(lambda: "png" in page.code())
    page.run()
    page.wait()
    check("one draws", until(lambda: len(driver.find_elements(By.CSS_SELECTOR, "#artifact-list img")) == 1), page.text("artifact-list"))
    driver.execute_script(select, 1)
    until(lambda: page.code() == hello)
    check("what it brought along goes with it", page.value("artifacts") == "", page.value("artifacts"))
    lessons(page, select)


def lessons(page, select):
    """The examples of the service: hints one by one, checks, the solution."""
    driver = page.driver
    labels = "return [...document.getElementById('samples').options].map((o) => o.label)"
    until(lambda: len(driver.execute_script(labels)) > 10)
    titles = driver.execute_script(labels)
    groups = driver.execute_script("return [...document.querySelectorAll('#samples optgroup')].map((g) => g.label)")
    check("the service's own examples follow, by difficulty", groups == ["Beginner", "Intermediate", "Advanced"], groups)
    check("the page's own have no hints", not page.element("lesson").is_displayed())
    driver.execute_script(select, titles.index("Exercise: FizzBuzz (basics)"))
    until(lambda: "def fizzbuzz" in page.code())
    check("an exercise says what it is about", "Multiples of 3" in page.text("lesson-about"), page.text("lesson-about"))
    check("and brings its input along", page.value("stdin") == "15\n", page.value("stdin"))
    page.element("lesson-hint").click()
    check("a hint comes when it is asked for", until(lambda: "remainder" in page.text("lesson-hints") or "% 3" in page.text("lesson-hints")), page.text("lesson-hints"))
    check("and the next one is offered", page.text("lesson-hint") == "Hint 2 of 3", page.text("lesson-hint"))
    page.element("lesson-check").click()
    check("checks say what is expected", until(lambda: "0 of 3" in page.text("lesson-hints") or "1 of 3" in page.text("lesson-hints")), page.text("lesson-hints"))
    for name in ("Hint 2 of 3", "Hint 3 of 3", "Show the solution"):
        until(lambda: page.text("lesson-hint") == name)
        page.element("lesson-hint").click()
    until(lambda: "FizzBuzz\"" in page.code())
    page.element("lesson-check").click()
    check("the solution passes", until(lambda: "All 3 checks passed." in page.text("lesson-hints")), page.text("lesson-hints"))
    driver.execute_script(select, 1)
    check("hints go with the exercise", until(lambda: not page.element("lesson").is_displayed()))


def problems(page, shot):
    driver = page.driver
    page.execute("x = 1\n\ndef f():\n    raise ValueError('no')\n\nf()\n")
    places = driver.find_elements(By.CSS_SELECTOR, "#output .place")
    check("errors are links to lines", [place.text for place in places] == ['/box/main.py", line 6', '/box/main.py", line 4'], page.text("output"))
    marks = driver.execute_script("return [...document.querySelectorAll('.CodeMirror .mark')].map((m) => m.title)")
    check("and marks at them", marks == ["ValueError: no", "ValueError: no"], marks)
    shot("12-problems")
    places[1].click()
    cursor = "const m = document.querySelector('.CodeMirror').CodeMirror; return [m.getCursor().line, m.hasFocus()]"
    check("which one is led to", driver.execute_script(cursor) == [3, True], driver.execute_script(cursor))
    page.execute("print(1)\n")
    check("and go with the next run", not driver.find_elements(By.CSS_SELECTOR, ".mark, .place"))
    page.element("options-toggle").click()
    page.element("limit-cpu").send_keys("400ms")
    page.execute("while True: pass\n")
    check("warnings are apart from what the program wrote", "cpu" in page.text("notices") and page.text("output") == "", [page.text("notices"), page.text("output")])
    page.element("limit-cpu").clear()
    page.element("options-toggle").click()
    driver.execute_script("""
        const parse = JSON.parse;
        JSON.parse = (...all) => {
          const value = parse(...all);
          if (value?.type === 'finished') value.hints = [{ kind: 'language', text: 'bash has it', language: 'bash' }, { kind: 'x', text: 'no nim', language: 'nim' }];
          return value;
        };
        window.unhinted = () => (JSON.parse = parse);""")
    page.execute("echo hinted\n")
    buttons = driver.find_elements(By.CSS_SELECTOR, "#notices .hint button")
    check("hints are there, and lead to languages that are", "no nim" in page.text("notices") and [b.text for b in buttons] == ["Switch to bash"], page.text("notices"))
    driver.execute_script("unhinted()")
    buttons[0].click()
    check("with the program", until(lambda: page.value("language") == "bash") and page.code() == "echo hinted\n", page.code())
    page.choose("python")


def lines(page):
    out = page.execute("import sys\nfor i in range(11): print(f'\\r{i * 10} %', end='')\nprint('\\rab\\x08c\\x1b[K')\nprint('\\x1b[38;5;208mo\\x1b[48;2;0;0;255mb\\x1b[0m')\n")
    check("carriage returns and backspaces write over", out == "ac\nob\n", repr(out))
    colours = page.driver.execute_script("return [...document.querySelectorAll('#output span')].filter((s) => s.textContent.match(/^[ob]\\s?$/)).map((s) => [s.style.color, s.style.backgroundColor])")
    check("all colours are shown", colours == [["rgb(255, 135, 0)", ""], ["rgb(255, 135, 0)", "rgb(0, 0, 255)"]], colours)


def terminal(page, shot):
    page.element("tty").click()
    page.program("""
import curses
def main(screen):
    curses.start_color()
    curses.use_default_colors()
    curses.init_pair(1, 208, -1)
    screen.border()
    screen.addstr(2, 4, 'in colour', curses.color_pair(1))
    rows, columns = screen.getmaxyx()
    while True:
        screen.addstr(4, 4, f'key {screen.getkey()}  ')
        if screen.getmaxyx() != (rows, columns): break
curses.wrapper(main)
print('after')
""")
    page.driver.execute_script("window.sent = []; const send = WebSocket.prototype.send; WebSocket.prototype.send = function (text) { sent.push(text); send.call(this, text); };")
    page.run()
    check("a program that draws on a terminal", until(lambda: "in colour" in page.text("screen") and "┌─" in page.text("screen")), page.text("screen")[:200])
    colour = "return [...document.querySelectorAll('#screen span')].find((s) => s.textContent === 'in colour')?.style.color"
    sent = page.driver.execute_script("return sent.filter((text) => text.includes('\"execute\"')).length")
    check("runs once", sent == 1, sent)
    check("has 256 colours", until(lambda: page.driver.execute_script(colour) == "rgb(255, 135, 0)"), page.driver.execute_script(colour))
    page.type("x")
    check("gets keys", until(lambda: "key x" in page.text("screen")), page.text("screen")[:300])
    page.type(Keys.ARROW_UP)
    check("also those without a letter", until(lambda: "key KEY_UP" in page.text("screen")), page.text("screen")[:300])
    shot("13-terminal")
    page.type(Keys.ESCAPE)
    time.sleep(0.1)
    check("Escape is the program's", page.state() == "running", page.state())
    page.driver.set_window_size(1100, 700)
    until(lambda: page.text("verdict") == "Finished", 3) or page.type("y")
    page.wait()
    check("is told of another size, and leaves the screen as it was", page.text("verdict") == "Finished"
          and "after" in page.text("screen") and "in colour" not in page.text("screen"), [page.text("verdict"), page.text("screen")[:200]])
    page.driver.set_window_size(1280, 800)
    page.element("tty").click()


def again(page):
    driver = page.driver
    page.program("import time\nfor i in range(100):\n    print('line', i, flush=True)\n    time.sleep(0.1)\n")
    page.run()
    until(lambda: "line 2" in page.text("output"))
    driver.refresh()
    page.ready()
    check("a reload finds the run again, with all it wrote", until(lambda: "line 4" in page.text("output"))
          and page.text("output").startswith("line 0\n") and page.state() == "running", page.text("output"))
    page.element("stop").click()
    page.wait()
    check("which can be stopped then", page.text("verdict") == "Stopped", page.text("verdict"))
    driver.refresh()
    page.ready()
    check("and is not looked for any more", page.text("output") == "" and page.text("verdict") == "Ready", page.text("verdict"))


def tools(page):
    driver = page.driver
    page.execute("print('find me')\n")
    driver.execute_script("document.querySelector('.CodeMirror').CodeMirror.focus()")
    page.keys("f")
    until(lambda: driver.find_elements(By.CSS_SELECTOR, ".CodeMirror-dialog input"))
    page.type("me", Keys.ENTER)
    check("find finds", until(lambda: driver.execute_script("return document.querySelector('.CodeMirror').CodeMirror.getSelection()") == "me"))
    page.type(Keys.ESCAPE)
    saved = """
    const done = arguments[0], make = URL.createObjectURL, click = HTMLAnchorElement.prototype.click;
    let blob = null;
    URL.createObjectURL = (one) => { blob = one; return make.call(URL, one); };
    HTMLAnchorElement.prototype.click = function () { blob.text().then((text) => done([this.download, text])); };
    document.getElementById(arguments[1] ?? 'save-output').click();
    [URL.createObjectURL, HTMLAnchorElement.prototype.click] = [make, click];
    """
    check("the output can be saved", driver.execute_async_script(saved) == ["output.txt", "find me\n"])
    check("and the program", driver.execute_async_script(saved.replace("arguments[1] ?? 'save-output'", "'save-code'")) == ["main.py", "print('find me')\n"])
    driver.execute_cdp_cmd("Browser.grantPermissions", {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]})
    page.element("copy-output").click()
    until(lambda: "copied" in page.text("toast"))
    text = driver.execute_async_script("navigator.clipboard.readText().then(arguments[0], (e) => arguments[0](e.message))")
    check("and copied", text == "find me\n", text)
