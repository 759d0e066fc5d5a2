for (let n = 1; n <= 150_000; n++) console.log(n);
