"""The programs that are run, and the commands that run each of them bare."""

from dataclasses import dataclass, field

HELLO = b"hello\n"
# What a bare program gets is what a sandboxed one gets, but for its directory.
ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/tmp", "USER": "nestbox", "LANG": "C.UTF-8",
    "PYTHONDONTWRITEBYTECODE": "1",
}


@dataclass(frozen=True)
class Program:
    """A program, how it is submitted, and how it is run without Nestbox."""

    name: str
    language: str
    file: str
    code: str
    #: Commands one after the other, in the directory that has the file: the plain ones that a user would type.
    bare: tuple[tuple[str, ...], ...]
    #: Part of the runs asked for that this one gets: those that take long get fewer.
    share: float = 1.0
    #: What becomes of the sandbox ahead of the run, by the image.
    warm: str = "none"
    #: What it reads, and what it has to print.
    stdin: str = ""
    stdout: str = HELLO.decode()
    environment: dict[str, str] = field(default_factory=lambda: ENVIRONMENT, hash=False)

    @property
    def compiles(self) -> bool:
        return len(self.bare) > 1

    def submission(self, **more: object) -> dict[str, object]:
        return {"language": self.language, "code": self.code, "stdin": "", **more}

    def script(self) -> list[str]:
        """The commands as one, for what starts only one."""
        if not self.compiles:
            return list(self.bare[0])
        return ["sh", "-c", " && ".join(" ".join(command) for command in self.bare)]

    def runs(self, wanted: int) -> int:
        return max(min(wanted, 5), round(wanted * self.share))


def script(language: str, command: str, file: str, code: str, warm: str, share: float = 0.5) -> Program:
    return Program(language, language, file, code, ((*command.split(), file),), share, warm)


def compiled(name: str, language: str, compiler: str, file: str, code: str, share: float) -> Program:
    commands = ((*compiler.split(), "-o", "main", file), ("./main",))
    return Program(name, language, file, code, commands, share)


C = '#include <stdio.h>\nint main(void) { puts("hello"); }\n'
IOSTREAM = '#include <iostream>\nint main() { std::cout << "hello\\n"; }\n'
BITS = (
    "#include <bits/stdc++.h>\nusing namespace std;\n"
    'int main() { vector<string> v{"lo", "hel"}; sort(v.begin(), v.end()); cout << v[0] << v[1] << "\\n"; }\n'
)
JAVA = 'public class Main { public static void main(String[] a) { System.out.println("hello"); } }\n'

PROGRAMS = [
    script("python", "python3", "main.py", 'print("hello")\n', "fork", 1.0),
    script("node", "node", "main.js", 'console.log("hello")\n', "boot"),
    script("ruby", "ruby", "main.rb", 'puts "hello"\n', "fork"),
    script("perl", "perl", "main.pl", 'print "hello\\n";\n', "fork"),
    script("php", "php", "main.php", '<?php echo "hello\\n";\n', "fork"),
    script("lua", "lua5.4", "main.lua", 'print("hello")\n', "fork"),
    Program("java", "java", "Main.java", JAVA, (("javac", "Main.java"), ("java", "-cp", ".", "Main")), 0.1, "boot"),
    compiled("c", "c", "gcc -O2", "main.c", C, 0.25),
    compiled("c++ iostream", "cpp", "g++ -O2 -std=gnu++20", "main.cpp", IOSTREAM, 0.1),
    compiled("c++ bits", "cpp", "g++ -O2 -std=gnu++20", "main.cpp", BITS, 0.1),
]
BY_NAME = {program.name: program for program in PROGRAMS}
