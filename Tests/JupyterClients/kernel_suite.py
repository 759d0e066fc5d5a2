"""`jupyter_kernel_test`, unchanged, against kernels of a gateway."""
import unittest

import jupyter_kernel_test

import gateway
from samples import CASES, SAMPLES


def of(name: str) -> type:
    """The suite's class for one kernel."""

    class Suite(jupyter_kernel_test.KernelTests):
        kernel_name = name

        @classmethod
        def setUpClass(cls):
            cls.km, cls.kc = gateway.start(name)

        @classmethod
        def tearDownClass(cls):
            cls.kc.stop_channels()
            cls.km.shutdown_kernel()

    for key, value in SAMPLES[name].items():
        setattr(Suite, key, value)
    return Suite


def run(name: str, url: str):
    """Returns (cases, passed, skipped, failures, failures that are allowed)."""
    gateway.use(url)
    cases = unittest.defaultTestLoader.loadTestsFromTestCase(of(name))
    result = unittest.TestResult()
    cases.run(result)
    wrong = [(str(test).split(" ")[0], text) for test, text in result.failures + result.errors]
    # Parts of a test (subTest) fail on their own: a test counts once. One that fails and skips parts has failed.
    failed = {text for text, _ in wrong}
    skipped = {str(test).split(" ")[0] for test, _ in result.skipped} - failed
    count = cases.countTestCases()
    passed = count - len(failed) - len(skipped) if result.testsRun else 0
    if passed >= CASES[name]:
        # ipykernel itself passes eleven.
        return count, passed, len(skipped), [], [f"{test}: {text.strip().splitlines()[-1]}" for test, text in wrong]
    return count, passed, len(skipped), [f"{test}\n{text}" for test, text in wrong] or ["too few samples"], []
