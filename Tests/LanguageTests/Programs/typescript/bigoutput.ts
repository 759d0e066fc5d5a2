const numbers: string[] = Array.from({ length: 150_000 }, (_, i) => String(i + 1));
process.stdout.write(numbers.join("\n") + "\n");
