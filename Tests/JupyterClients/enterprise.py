"""The integration tests of Jupyter Enterprise Gateway, from its own wheel: hello, scope, host name, interrupt, restart."""
import os
import re
import subprocess
import sys
from urllib.parse import urlsplit


def run(url: str):
    """Returns (cases, passed, skipped, failures, failures that are allowed)."""
    # They read their settings when they are imported, so they get a process of their own.
    environment = dict(
        os.environ, GATEWAY_HOST=urlsplit(url).netloc, PYTHON_KERNEL_LOCAL_NAME="python3", ITEST_HOSTNAME_PREFIX=".", LOG_LEVEL="WARNING")
    done = subprocess.run(
        [sys.executable, "-m", "unittest", "-v", "enterprise_gateway.itests.test_python_kernel.TestPythonKernelLocal"],
        env=environment, capture_output=True, text=True, timeout=120)
    count = int((re.search(r"Ran (\d+) tests?", done.stderr) or [0, 0])[1])
    wrong = re.findall(r"(?m)^(?:FAIL|ERROR): (\S+)", done.stderr)
    if done.returncode or count != 5:
        return count, max(count - len(wrong), 0), 0, [done.stdout + done.stderr], []
    return count, count, 0, [], []
