//! Who made an ECS service, by what the service itself says.

use crate::aws::ecs::ServiceRecord;
use crate::framework::Diagnostic;
use crate::provider::handle::{COMPOSED_ENGINE, MANAGED_ENGINE};
use crate::service::{MANAGED_TAG_KEY, ServiceStatus};

/// The engine that made a service; `None`: neither of them.
pub(crate) fn engine_of(record: &ServiceRecord) -> Option<&'static str> {
    if record.is_express {
        Some(MANAGED_ENGINE)
    } else if record.tags.contains_key(MANAGED_TAG_KEY) {
        Some(COMPOSED_ENGINE)
    } else {
        None
    }
}

/// The engine of the service that lives under a name; `None`: none lives there.
///
/// # Errors
/// Neither engine made it; the diagnostic says so, and what is to be done is the caller's to add.
pub(crate) fn living_engine(record: Option<&ServiceRecord>) -> Result<Option<&'static str>, Diagnostic> {
    let Some(record) = record.filter(|record| record.status != ServiceStatus::Inactive) else {
        return Ok(None);
    };
    engine_of(record).map(Some).ok_or_else(|| {
        Diagnostic::error(
            format!("Service `{}` is not an Express service", record.arn.name()),
            format!(
                "`{}` exists, but as an ordinary ECS service: made neither by ECS Express Mode (the managed engine) \
                 nor by this provider's composed engine.",
                record.arn
            ),
        )
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn record(is_express: bool, tag: Option<&str>, status: ServiceStatus) -> ServiceRecord {
        let tags = tag.map(|key| (key.to_owned(), "composed".to_owned()));
        ServiceRecord {
            created_at: None,
            desired_count: 1,
            running_count: 1,
            arn: "arn:aws:ecs:eu-west-1:123456789012:service/prod/api".parse().expect("valid"),
            status,
            tags: tags.into_iter().collect::<BTreeMap<_, _>>(),
            events: Vec::new(),
            is_express,
            current_deployment_arn: None,
            current_revision_arns: Vec::new(),
            target_group_arn: None,
        }
    }

    #[test]
    fn a_service_says_who_made_it() {
        let made = |is_express, tag| {
            living_engine(Some(&record(is_express, tag, ServiceStatus::Active))).map_err(|said| said.summary)
        };
        assert_eq!(made(true, None), Ok(Some("managed")));
        assert_eq!(made(false, Some(MANAGED_TAG_KEY)), Ok(Some("composed")));
        let ordinary = "Service `api` is not an Express service".to_owned();
        assert_eq!(made(false, Some("team")), Err(ordinary));
    }

    #[test]
    fn nothing_lives_where_nothing_is_or_only_a_record_of_what_was() {
        assert_eq!(living_engine(None), Ok(None));
        assert_eq!(living_engine(Some(&record(false, None, ServiceStatus::Inactive))), Ok(None));
    }
}
