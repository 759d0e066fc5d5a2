use std::fmt;
use std::num::ParseIntError;

#[derive(Debug)]
enum DateError {
    Form,
    Number(ParseIntError),
    Range(&'static str, u32),
}

impl From<ParseIntError> for DateError {
    fn from(error: ParseIntError) -> Self {
        DateError::Number(error)
    }
}

impl fmt::Display for DateError {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        match self {
            DateError::Form => write!(out, "a date is year-month-day"),
            DateError::Number(error) => write!(out, "a part is no number: {error}"),
            DateError::Range(what, value) => write!(out, "there is no {what} {value}"),
        }
    }
}

fn parse(text: &str) -> Result<(u32, u32, u32), DateError> {
    let parts: Vec<&str> = text.split('-').collect();
    let (year, month, day) = match parts[..] {
        [year, month, day] => (year, month, day),
        _ => return Err(DateError::Form),
    };
    let (year, month, day) = (year.parse()?, month.parse()?, day.parse()?);
    if !(1..=12).contains(&month) {
        return Err(DateError::Range("month", month));
    }
    if !(1..=31).contains(&day) {
        return Err(DateError::Range("day", day));
    }
    Ok((year, month, day))
}

fn main() {
    for text in ["2024-02-29", "2024-13-01", "2024-1", "2024-x-01"] {
        match parse(text) {
            Ok((year, month, day)) => println!("{text}: day {day} of month {month} of {year}"),
            Err(error) => println!("{text}: {error}"),
        }
    }
}
