fn answer() -> u32 { 42 }
