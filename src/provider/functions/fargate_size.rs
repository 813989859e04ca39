//! `provider::express::fargate_size`.

use super::{object_of_texts, refused, text, text_argument, text_parameter};
use crate::framework::Value;
use crate::framework::function::{Function, FunctionError, Signature};
use crate::service::smallest_fargate_size;

/// The smallest Fargate size that is enough.
pub(super) struct FargateSize;

/// Units of an argument: the unit that a bare number has comes first.
struct Units {
    /// Spelling in lower case, and how many of the first unit it is.
    known: &'static [(&'static str, f64)],
    /// What to write, for errors.
    example: &'static str,
}

const CPU: Units = Units {
    known: &[("", 1.0), ("units", 1.0), ("vcpu", 1024.0), ("vcpus", 1024.0)],
    example: "a number of CPU units (1024 are one vCPU), or vCPUs as in \"0.5 vCPU\"",
};
const MEMORY: Units = Units {
    known: &[("", 1.0), ("mib", 1.0), ("mb", 1.0), ("gib", 1024.0), ("gb", 1024.0)],
    example: "a number of MiB, or \"512 MiB\", or \"2 GB\"",
};

/// A bare number below this is a number of vCPUs or GB whose unit was forgotten.
const SMALLEST_BARE_NUMBER: f64 = 64.0;

impl Function for FargateSize {
    fn name(&self) -> &'static str {
        "fargate_size"
    }

    fn signature(&self) -> Signature {
        Signature {
            summary: "Finds the smallest Fargate size that is enough",
            description: "Fargate offers pairs of CPU and memory, and refuses all others. This gives the smallest \
                          pair with at least this much of both, as `cpu` and `memory` take it. It needs neither \
                          credentials nor a region. OpenTofu calls it in plans and applies, but not in `tofu \
                          console` and not in the provider's own block.",
            parameters: vec![
                text_parameter(
                    "cpu",
                    "CPU units (1024 are one vCPU), or vCPUs with their unit: `\"0.5 vCPU\"`.",
                ),
                text_parameter("memory", "MiB, or a number with its unit: `\"512 MiB\"`, `\"2 GB\"`."),
            ],
            variadic: None,
            result: object_of_texts(&["cpu", "memory"]),
        }
    }

    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError> {
        let cpu = parse_quantity(text_argument(arguments, 0)?, &CPU).map_err(|text| refused(0, text))?;
        let memory =
            parse_quantity(text_argument(arguments, 1)?, &MEMORY).map_err(|text| refused(1, text))?;
        if smallest_fargate_size(cpu, 0.0).is_none() {
            return Err(refused(
                0,
                format!("Fargate has no size with {cpu} CPU units; the largest has 32768."),
            ));
        }
        let (cpu, memory) = smallest_fargate_size(cpu, memory).ok_or_else(|| {
            refused(1, format!("Fargate has no size with {memory} MiB of memory; the largest has 249856."))
        })?;
        Ok(Value::object([("cpu", text(cpu.to_string())), ("memory", text(memory.to_string()))]))
    }
}

/// A number, with or without a unit, in the first unit.
fn parse_quantity(given: &str, units: &Units) -> Result<f64, String> {
    let trimmed = given.trim();
    let end = trimmed.find(|character: char| !character.is_ascii_digit() && character != '.');
    let (number, unit) = trimmed.split_at(end.unwrap_or(trimmed.len()));
    let unit = unit.trim().to_lowercase();
    let factor = units.known.iter().find(|(spelling, _)| *spelling == unit).map(|(_, factor)| *factor);
    let quantity = number.parse::<f64>().ok().zip(factor).map(|(number, factor)| number * factor);
    match quantity {
        Some(quantity) if quantity <= 0.0 => Err(format!("{given:?} is not above zero.")),
        Some(quantity) if unit.is_empty() && quantity < SMALLEST_BARE_NUMBER => Err(format!(
            "{given:?} has no unit and is less than {SMALLEST_BARE_NUMBER}. Write {}.",
            units.example
        )),
        Some(quantity) => Ok(quantity),
        None => Err(format!("{given:?} is not understood. Write {}.", units.example)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(cpu: &str, memory: &str) -> Result<(String, String), FunctionError> {
        let size = FargateSize.call(&[text(cpu), text(memory)])?;
        let member = |name| match size.member(name) {
            Some(Value::String(text)) => text.clone(),
            other => panic!("{name} is {other:?}"),
        };
        Ok((member("cpu"), member("memory")))
    }

    #[test]
    fn the_smallest_pair_that_has_enough_of_both_is_found() {
        for (cpu, memory, expected) in [
            ("256", "512", ("256", "512")),
            ("300", "700", ("512", "1024")),
            ("256", "2049", ("512", "3072")),
            ("1 vCPU", "2 GB", ("1024", "2048")),
            (" .5vCPU ", "1.5gb", ("512", "2048")),
            ("256", "10 GB", ("2048", "10240")),
            ("9000", "100", ("16384", "32768")),
            ("32 vCPU", "244 GiB", ("32768", "249856")),
            ("200.5", "100 MiB", ("256", "512")),
        ] {
            assert_eq!(
                size(cpu, memory),
                Ok((expected.0.to_owned(), expected.1.to_owned())),
                "{cpu} {memory}"
            );
        }
    }

    #[test]
    fn what_cannot_be_answered_is_refused_at_its_argument() {
        for (cpu, memory, argument, said) in [
            ("one", "512", 0, "\"one\" is not understood. Write a number of CPU units"),
            ("256", "2 TB", 1, "\"2 TB\" is not understood. Write a number of MiB"),
            ("1", "2048", 0, "\"1\" has no unit and is less than 64."),
            ("1024", "2", 1, "\"2\" has no unit and is less than 64."),
            ("0", "2048", 0, "\"0\" is not above zero."),
            ("-256", "2048", 0, "\"-256\" is not understood."),
            ("inf", "2048", 0, "\"inf\" is not understood."),
            ("33 vCPU", "2048", 0, "Fargate has no size with 33792 CPU units; the largest has 32768."),
            ("256", "300 GB", 1, "Fargate has no size with 307200 MiB of memory; the largest has 249856."),
        ] {
            let refusal = size(cpu, memory).expect_err(cpu);
            assert_eq!(refusal.argument, Some(argument), "{refusal}");
            assert!(refusal.text.starts_with(said), "{refusal}");
        }
    }
}
