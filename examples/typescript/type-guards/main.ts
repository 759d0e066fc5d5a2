interface User {
  name: string;
  age: number;
}

function isUser(value: unknown): value is User {
  return (
    typeof value === "object" && value !== null &&
    typeof (value as User).name === "string" &&
    typeof (value as User).age === "number"
  );
}

for (const text of ['{"name": "Ada", "age": 36}', '{"name": "Bob"}', "[1, 2]", "null"]) {
  const value: unknown = JSON.parse(text);
  console.log(isUser(value) ? `${value.name} is ${value.age}` : `no user: ${text}`);
}
