setTimeout(() => console.log("awake"), 200);
