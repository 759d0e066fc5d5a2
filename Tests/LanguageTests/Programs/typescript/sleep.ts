import { setTimeout as sleep } from "timers/promises";

sleep(200).then(() => console.log("awake"));
