"""What `jupyter_kernel_test` asks of each language: attributes of its class `KernelTests`.

A sample that a language has no way for is left out, and the suite then skips its test; `CASES` says how many must pass.
"""

CLEAR = """try:
    from nestbox import clear_output
except ImportError:
    from IPython.display import clear_output
print('before')
clear_output()
"""

RICH = """class Bold:
    def _repr_html_(self):
        return '<b>bold</b>'

display(Bold())
"""

SAMPLES = {
    "python3": {
        "language_name": "python",
        "file_extension": ".py",
        "code_hello_world": "print('hello, world')",
        "code_stderr": "import sys; print('careful', file=sys.stderr)",
        "completion_samples": [{"text": "enumer", "matches": {"enumerate"}}, {"text": "import jso"}],
        "complete_code_samples": ["6 * 7", "print('hello, world')", "def half(n):\n    return n / 2\n\n"],
        "incomplete_code_samples": ["print('''hello", "def half(n):\n    return n / 2"],
        "invalid_code_samples": ["import = 7q"],
        "code_page_something": "zip?",
        "code_generate_error": "raise ValueError('no')",
        "code_execute_result": [
            {"code": "1+2+3", "result": "6"}, {"code": "[n ** 2 for n in range(4)]", "result": "[0, 1, 4, 9]"}],
        "code_display_data": [{"code": RICH, "mime": "text/html"}],
        "code_history_pattern": "1?2*",
        "supported_history_operations": ("tail", "range", "search"),
        "code_inspect_sample": "zip",
        "code_clear_output": CLEAR,
    },
    "node": {
        "language_name": "javascript",
        "file_extension": ".js",
        "code_hello_world": "console.log('hello, world')",
        "code_stderr": "console.error('careful')",
        "completion_samples": [{"text": "JSON.str", "matches": {"stringify"}}],
        "complete_code_samples": ["6 * 7", "function half(n) { return n / 2; }"],
        "incomplete_code_samples": ["function half(n) {", "[1, 2,"],
        "invalid_code_samples": ["let = = 7"],
        "code_generate_error": "throw new Error('no')",
        "code_execute_result": [{"code": "1+2+3", "result": "6"}, {"code": "[1, 2].length", "result": "2"}],
        "code_display_data": [{"code": "nestbox.display(nestbox.html('<b>bold</b>'))", "mime": "text/html"}],
        "code_history_pattern": "1?2*",
        "supported_history_operations": ("tail", "range", "search"),
        "code_inspect_sample": "JSON",
        "code_clear_output": "console.log('before'); nestbox.clear()",
    },
    "bash": {
        "language_name": "bash",
        "file_extension": ".sh",
        "code_hello_world": "echo hello, world",
        "code_stderr": "echo careful >&2",
        "completion_samples": [{"text": "unalia", "matches": {"unalias"}}],
        "complete_code_samples": ["echo 42", "for n in 1 2; do echo $n; done"],
        "incomplete_code_samples": ["for n in 1 2; do", "echo 'hello"],
        "invalid_code_samples": ["done"],
        "code_generate_error": "false",
        "code_history_pattern": "echo*",
        "code_inspect_sample": "cd",
    },
    "r": {
        "file_extension": ".r",
        "code_hello_world": "cat('hello, world\\n')",
        "code_stderr": "message('careful')",
        "completion_samples": [{"text": "seq_al", "matches": {"seq_along"}}],
        "complete_code_samples": ["6 * 7", "half <- function(n) n / 2"],
        "incomplete_code_samples": ["half <- function(n) {", "c(1,"],
        "invalid_code_samples": ["6 * * 7"],
        "code_generate_error": "stop('no')",
        "code_execute_result": [{"code": "1+2+3"}, {"code": "rev(1:3)"}],
        "code_display_data": [{"code": "display(HTML('<b>bold</b>'))", "mime": "text/html"}],
        "code_history_pattern": "1?2*",
        "supported_history_operations": ("tail", "range", "search"),
        "code_inspect_sample": "sum",
        "code_clear_output": "cat('before\\n'); clear_output()",
    },
    "ruby": {
        "language_name": "ruby",
        "file_extension": ".rb",
        "code_hello_world": "puts 'hello, world'",
        "code_stderr": "warn 'careful'",
        "completion_samples": [{"text": "[].each_wit"}],
        "complete_code_samples": ["6 * 7", "def half(n) = n / 2.0"],
        "incomplete_code_samples": ["def half(n)", "[1, 2,"],
        "invalid_code_samples": ["6 * * 7)"],
        "code_generate_error": "raise 'no'",
        "code_execute_result": [{"code": "1+2+3", "result": "6"}, {"code": "[1, 2].sum", "result": "3"}],
        "code_display_data": [{"code": "Nestbox.display(Nestbox.html('<b>bold</b>'))", "mime": "text/html"}],
        "code_history_pattern": "1?2*",
        "supported_history_operations": ("tail", "range", "search"),
        "code_inspect_sample": "String",
        "code_clear_output": "puts 'before'; Nestbox.clear",
    },
}

#: How many of the suite's twelve tests must pass; the others are skipped because there is no sample.
CASES = {"python3": 11, "node": 11, "bash": 6, "r": 11, "ruby": 11}
