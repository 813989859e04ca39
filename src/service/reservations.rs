//! What the containers of a task reserve out of its size.

use std::collections::BTreeMap;

use serde_json::Value;

use super::composed::Sidecar;

/// CPU units and MiB that containers have for themselves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reservations {
    /// CPU units.
    pub cpu: i64,
    /// MiB: a container's reservation, or else its limit, as ECS counts.
    pub memory_mib: i64,
}

/// Containers reserve more than their task has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReservationError {
    /// Too much CPU.
    #[error("the containers reserve {reserved} CPU units, but the task has {size}")]
    Cpu {
        /// The sum.
        reserved: i64,
        /// The task's.
        size: i64,
    },
    /// Too much memory.
    #[error("the containers reserve {reserved} MiB of memory, but the task has {size}")]
    Memory {
        /// The sum.
        reserved: i64,
        /// The task's.
        size: i64,
    },
}

impl Reservations {
    /// Those of sidecars.
    pub fn of_sidecars(sidecars: &BTreeMap<String, Sidecar>) -> Self {
        let each = sidecars.values().map(|sidecar| Self {
            cpu: sidecar.cpu.map_or(0, i64::from),
            memory_mib: sidecar.memory_reservation_mib.or(sidecar.memory_mib).map_or(0, i64::from),
        });
        each.fold(Self::default(), Self::plus)
    }

    /// Those of all containers of a task definition.
    pub fn of_task_definition(definition: &Value) -> Self {
        let number = |value: &Value| value.as_i64();
        let containers = definition["containerDefinitions"].as_array().into_iter().flatten();
        let each = containers.map(|container| Self {
            cpu: number(&container["cpu"]).unwrap_or(0),
            memory_mib: number(&container["memoryReservation"])
                .or_else(|| number(&container["memory"]))
                .unwrap_or(0),
        });
        each.fold(Self::default(), Self::plus)
    }

    fn plus(self, other: Self) -> Self {
        Self { cpu: self.cpu + other.cpu, memory_mib: self.memory_mib + other.memory_mib }
    }

    /// Checks that a task of this size holds them. A size that is no number is somebody else's to refuse.
    pub fn check(self, cpu: &str, memory: &str) -> Result<(), ReservationError> {
        if let Some(size) = cpu.parse().ok().filter(|size| self.cpu > *size) {
            return Err(ReservationError::Cpu { reserved: self.cpu, size });
        }
        if let Some(size) = memory.parse().ok().filter(|size| self.memory_mib > *size) {
            return Err(ReservationError::Memory { reserved: self.memory_mib, size });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_reservation_counts_before_a_limit_and_no_word_counts_nothing() {
        let definition = json!({ "containerDefinitions": [
            { "name": "Main" },
            { "name": "a", "cpu": 256, "memory": 512, "memoryReservation": 128 },
            { "name": "b", "memory": 64 },
        ]});
        let expected = Reservations { cpu: 256, memory_mib: 192 };
        assert_eq!(Reservations::of_task_definition(&definition), expected);
        let sidecar = |cpu, memory_mib, memory_reservation_mib| Sidecar {
            cpu,
            memory_mib,
            memory_reservation_mib,
            ..Sidecar::default()
        };
        let sidecars = BTreeMap::from([
            ("a".to_owned(), sidecar(Some(256), Some(512), Some(128))),
            ("b".to_owned(), sidecar(None, Some(64), None)),
        ]);
        assert_eq!(Reservations::of_sidecars(&sidecars), expected);
    }

    #[test]
    fn a_task_must_hold_its_containers() {
        let reserved = Reservations { cpu: 512, memory_mib: 1024 };
        assert_eq!(reserved.check("512", "1024"), Ok(()));
        let error = reserved.check("256", "1024").expect_err("too much CPU");
        assert_eq!(error.to_string(), "the containers reserve 512 CPU units, but the task has 256");
        let error = reserved.check("512", "512").expect_err("too much memory");
        assert_eq!(error.to_string(), "the containers reserve 1024 MiB of memory, but the task has 512");
    }
}
