const maze = [
  "#########",
  "#S#   # #",
  "# # # # #",
  "#   #   #",
  "### ### #",
  "#     #E#",
  "#########",
].map((line) => [...line]);

const find = (wanted) => {
  const y = maze.findIndex((line) => line.includes(wanted));
  return [maze[y].indexOf(wanted), y];
};

function solve(start, goal) {
  const key = ([x, y]) => `${x},${y}`;
  const cameFrom = new Map([[key(start), null]]);
  const queue = [start];
  while (queue.length > 0) {
    const place = queue.shift();
    if (key(place) === key(goal)) {
      const path = [];
      for (let at = place; at; at = cameFrom.get(key(at))) path.unshift(at);
      return path;
    }
    const [x, y] = place;
    for (const next of [[x + 1, y], [x - 1, y], [x, y + 1], [x, y - 1]]) {
      if (maze[next[1]][next[0]] === "#" || cameFrom.has(key(next))) continue;
      cameFrom.set(key(next), place);
      queue.push(next);
    }
  }
  return [];
}

const path = solve(find("S"), find("E"));
for (const [x, y] of path.slice(1, -1)) maze[y][x] = ".";
console.log(maze.map((line) => line.join("")).join("\n"));
console.log(path.length - 1, "steps");
