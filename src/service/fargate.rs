//! Valid task sizes.

/// A CPU and memory pair that Fargate does not offer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FargateSizeError {
    /// Not a CPU size at all.
    #[error("`{cpu}` is not a Fargate CPU size; allowed: {}", cpu_sizes())]
    Cpu {
        /// What was given.
        cpu: String,
    },
    /// The memory does not go with the CPU.
    #[error("{memory} MiB of memory does not go with {cpu} CPU units; allowed with {cpu}: {allowed}")]
    Memory {
        /// The CPU size.
        cpu: u32,
        /// What was given.
        memory: String,
        /// The sizes that go with it.
        allowed: String,
    },
}

/// Memory sizes in MiB that go with a CPU size.
enum MemorySizes {
    Listed(&'static [u32]),
    Stepped { first: u32, last: u32, step: u32 },
}

/// Linux sizes, x86 and ARM alike (facts, composition section 8).
const SIZES: [(u32, MemorySizes); 8] = [
    (256, MemorySizes::Listed(&[512, 1024, 2048])),
    (512, MemorySizes::Stepped { first: 1024, last: 4096, step: 1024 }),
    (1024, MemorySizes::Stepped { first: 2048, last: 8192, step: 1024 }),
    (2048, MemorySizes::Stepped { first: 4096, last: 16384, step: 1024 }),
    (4096, MemorySizes::Stepped { first: 8192, last: 30720, step: 1024 }),
    (8192, MemorySizes::Stepped { first: 16384, last: 61440, step: 4096 }),
    (16384, MemorySizes::Stepped { first: 32768, last: 122_880, step: 8192 }),
    (32768, MemorySizes::Listed(&[61440, 122_880, 249_856])),
];

impl MemorySizes {
    fn contains(&self, memory: u32) -> bool {
        match self {
            Self::Listed(sizes) => sizes.contains(&memory),
            Self::Stepped { first, last, step } => {
                (*first..=*last).contains(&memory) && (memory - first).is_multiple_of(*step)
            }
        }
    }

    fn at_least(&self, memory: f64) -> Option<u32> {
        let is_enough = |size: &u32| f64::from(*size) >= memory;
        match self {
            Self::Listed(sizes) => sizes.iter().copied().find(is_enough),
            Self::Stepped { first, last, step } => (*first..=*last).step_by(*step as usize).find(is_enough),
        }
    }

    fn describe(&self) -> String {
        match self {
            Self::Listed(sizes) => sizes.iter().map(u32::to_string).collect::<Vec<_>>().join(", "),
            Self::Stepped { first, last, step } => format!("{first} to {last} in steps of {step}"),
        }
    }
}

fn cpu_sizes() -> String {
    SIZES.iter().map(|(cpu, _)| cpu.to_string()).collect::<Vec<_>>().join(", ")
}

/// Checks a task size. A `None` is AWS's to choose: the other one is then checked against AWS's defaults
/// only as far as that is certain.
pub fn check_fargate_size(cpu: Option<&str>, memory: Option<&str>) -> Result<(), FargateSizeError> {
    let Some(cpu_text) = cpu else { return Ok(()) };
    let unknown_cpu = || FargateSizeError::Cpu { cpu: cpu_text.to_owned() };
    let cpu: u32 = cpu_text.parse().map_err(|_| unknown_cpu())?;
    let (_, sizes) = SIZES.iter().find(|(size, _)| *size == cpu).ok_or_else(unknown_cpu)?;
    let Some(memory_text) = memory else { return Ok(()) };
    match memory_text.parse() {
        Ok(memory) if sizes.contains(memory) => Ok(()),
        _ => Err(FargateSizeError::Memory { cpu, memory: memory_text.to_owned(), allowed: sizes.describe() }),
    }
}

/// The smallest size with at least these CPU units and MiB: of CPU first, then of memory. `None`: there is none.
pub fn smallest_fargate_size(cpu: f64, memory: f64) -> Option<(u32, u32)> {
    let mut enough_cpu = SIZES.iter().filter(|(size, _)| f64::from(*size) >= cpu);
    enough_cpu.find_map(|(size, sizes)| Some((*size, sizes.at_least(memory)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valid_pairs_pass() {
        for (cpu, memory) in
            [("256", "512"), ("512", "4096"), ("1024", "2048"), ("8192", "20480"), ("32768", "249856")]
        {
            assert_eq!(check_fargate_size(Some(cpu), Some(memory)), Ok(()), "{cpu}/{memory}");
        }
        assert_eq!(check_fargate_size(None, Some("7")), Ok(()));
        assert_eq!(check_fargate_size(Some("256"), None), Ok(()));
    }

    #[test]
    fn a_pair_that_does_not_exist_is_refused_with_the_sizes_that_do() {
        let error = check_fargate_size(Some("256"), Some("4096")).expect_err("refused");
        assert_eq!(
            error.to_string(),
            "4096 MiB of memory does not go with 256 CPU units; allowed with 256: 512, 1024, 2048"
        );
        let error = check_fargate_size(Some("8192"), Some("17408")).expect_err("refused");
        assert!(error.to_string().ends_with("16384 to 61440 in steps of 4096"), "{error}");
        let error = check_fargate_size(Some("300"), None).expect_err("refused");
        assert!(
            error.to_string().starts_with("`300` is not a Fargate CPU size; allowed: 256, 512"),
            "{error}"
        );
        assert!(check_fargate_size(Some("1024"), Some("2 GB")).is_err());
    }

    #[test]
    fn the_smallest_size_is_one_that_is_valid() {
        for (cpu, memory) in
            [(1.0, 1.0), (257.0, 1.0), (1.0, 2049.0), (4096.0, 30721.0), (32768.0, 249_856.0)]
        {
            let (found_cpu, found_memory) = smallest_fargate_size(cpu, memory).expect("a size");
            assert!(f64::from(found_cpu) >= cpu && f64::from(found_memory) >= memory);
            let (found_cpu, found_memory) = (found_cpu.to_string(), found_memory.to_string());
            assert_eq!(check_fargate_size(Some(&found_cpu), Some(&found_memory)), Ok(()));
        }
        assert_eq!(smallest_fargate_size(32769.0, 1.0), None);
        assert_eq!(smallest_fargate_size(1.0, 249_857.0), None);
        assert_eq!(smallest_fargate_size(f64::NAN, 1.0), None);
    }
}
