function pick<T, K extends keyof T>(value: T, ...keys: K[]): Pick<T, K> {
  const result = {} as Pick<T, K>;
  for (const key of keys) result[key] = value[key];
  return result;
}

type Changes<T> = { [K in keyof T]?: (before: T[K]) => T[K] };

function change<T extends object>(value: T, changes: Changes<T>): T {
  const result = { ...value };
  for (const key of Object.keys(changes) as (keyof T)[]) {
    const how = changes[key];
    if (how) result[key] = how(value[key]);
  }
  return result;
}

const book = { title: "emma", pages: 474, read: false };
console.log(pick(book, "title", "pages"));
console.log(change(book, { title: (text) => text.toUpperCase(), read: (done) => !done }));
