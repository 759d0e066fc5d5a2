"""Uses the service from pages of other origins: python3 origin.py URL PORT.

The service's cors_origins, websocket_origins and embed_origins list http://127.0.0.1:PORT and nobody else. Exits 0 when every
check passed.
"""
import http.server
import sys
import threading

from selenium.webdriver.common.by import By

import chrome
from chrome import check, make_driver, until

url, port = sys.argv[1], int(sys.argv[2])

# Like the example of docs/clients.md.
USE = f"""
const done = arguments[0];
(async () => {{
  const {{ Nestbox }} = await import("{url}/nestbox.js");
  const nestbox = new Nestbox({{ url: "{url}" }});
  let text = (await nestbox.execute({{ language: "python", code: "print(6*7)" }})).stdout;
  const run = nestbox.run({{ language: "python", code: "print('Hello', input('Name? '))" }});
  for await (const event of run) {{
    if (event.type === "output") text += event.data;
    if (event.type === "input_request") run.respond(event.token, "Ada\\n");
  }}
  done(text);
}})().catch((error) => done("failed: " + error.message));
"""

# Who is not listed cannot even load the module: it is taken from the page's own server.
REFUSED = f"""
const done = arguments[0];
(async () => {{
  const {{ Nestbox }} = await import("/nestbox.js");
  const nestbox = new Nestbox({{ url: "{url}" }});
  const messages = [];
  await nestbox.execute({{ language: "python", code: "1" }}).catch((error) => messages.push(error.message));
  await nestbox.run({{ language: "python", code: "1" }}).finished.catch((error) => messages.push(error.message));
  done(messages);
}})().catch((error) => done("failed: " + error.message));
"""


def serve(port, client):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            is_client = self.path == "/nestbox.js"
            frame = f"<iframe src='{url}/?embed&amp;language=python' width=700 height=400></iframe>" if self.path == "/frame" else ""
            body = client if is_client else f"<!doctype html><title>other</title>{frame}".encode()
            self.send_response(200)
            self.send_header("content-type", "text/javascript" if is_client else "text/html")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def fetch(path):
    import urllib.request
    with urllib.request.urlopen(url + path) as answer:
        return answer.read()


def framed(driver, own):
    driver.get(f"{own}/frame")
    driver.switch_to.frame(driver.find_element(By.TAG_NAME, "iframe"))
    return driver.execute_script("return document.getElementById('run') !== null")


client = fetch("/nestbox.js")
listed = serve(port, client)
other = serve(0, client)
strange = f"http://127.0.0.1:{other.server_address[1]}"
driver = make_driver(900, 600)
try:
    driver.get(f"http://127.0.0.1:{port}/")
    text = driver.execute_async_script(USE)
    check("a page of a listed origin uses it all", text == "42\nName? Hello Ada\n", text)
    check("and may show the playground in a frame", framed(driver, f"http://127.0.0.1:{port}"))
    until(lambda: driver.execute_script("return document.body.dataset.editor === 'true'"))
    driver.find_element(By.ID, "run").click()
    check("which works there", until(lambda: "Hello" in driver.find_element(By.ID, "output").text), driver.find_element(By.ID, "verdict").text)
    check("with less around it", not driver.find_element(By.TAG_NAME, "h1").is_displayed())
    driver.switch_to.default_content()

    driver.get(f"{strange}/")
    messages = driver.execute_async_script(REFUSED)
    check("another is told which setting keeps it out, over HTTP", "cors_origins" in messages[0] and strange in messages[0], messages)
    check("and over the WebSocket", "websocket_origins" in messages[1] and strange in messages[1], messages)
    check("and cannot show the playground", not framed(driver, strange))
finally:
    driver.quit()
print(f"{chrome.failures} failed")
sys.exit(1 if chrome.failures else 0)
