// Press Run, or Ctrl and Enter.
const colours = ["red", "green", "blue"];

colours.forEach((colour, index) => {
  console.log(`${index + 1}. Hello, ${colour} world!`);
});
