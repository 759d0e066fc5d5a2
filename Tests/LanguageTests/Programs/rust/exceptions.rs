use std::process::ExitCode;

fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
    let number = text.parse::<u32>()?;
    Ok(number)
}

fn main() -> ExitCode {
    match parse("12x") {
        Ok(_) => ExitCode::SUCCESS,
        Err(_) => {
            println!("caught");
            ExitCode::from(3)
        }
    }
}
