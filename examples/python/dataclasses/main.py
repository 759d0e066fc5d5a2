from dataclasses import dataclass, field, replace


@dataclass(frozen=True, order=True)
class Version:
    major: int
    minor: int = 0
    patch: int = 0
    label: str = field(default="", compare=False)

    @classmethod
    def parse(cls, text):
        numbers, _, label = text.partition("-")
        return cls(*map(int, numbers.split(".")), label=label)

    def __str__(self):
        suffix = f"-{self.label}" if self.label else ""
        return f"{self.major}.{self.minor}.{self.patch}{suffix}"


versions = [Version.parse(text) for text in ["1.10.0", "1.9.3", "2.0.0-beta", "1.9"]]
for version in sorted(versions):
    print(version)
print("newest:", max(versions))
print("next:", replace(max(versions), patch=1, label=""))
