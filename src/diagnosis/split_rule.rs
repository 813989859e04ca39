//! A listener rule that both target groups serve.

use super::Operation;
use crate::engine::SplitRule;
use crate::framework::Diagnostic;
use crate::service::ServiceArn;

/// What happened, and the exact command that repairs it.
pub(super) fn explain_split_rule(
    operation: Operation,
    arn: Option<&ServiceArn>,
    split: &SplitRule,
) -> Diagnostic {
    let weights: Vec<_> = split
        .weights
        .iter()
        .map(|(target_group_arn, weight)| format!("  - {target_group_arn}: {weight}"))
        .collect();
    let detail = format!(
        "Requests go to both target groups of listener rule {}:\n{}\nA deployment that was interrupted in the middle \
         of a canary leaves it so. ECS rolls back every deployment in this state (\"should have exactly one target \
         group serving traffic\"), so nothing was changed.",
        split.rule_arn,
        weights.join("\n"),
    );
    let diagnostic =
        Diagnostic::error(format!("{}: its listener rule is split", operation.summary(arn)), detail);
    match &split.live_target_group_arn {
        Some(live) => diagnostic.hint(format!("repair it, then apply again: {}", repair_command(split, live))),
        None => diagnostic.hint(
            "give the target group whose targets are healthy weight 100 and the other 0 with `aws elbv2 modify-rule`, \
             then apply again",
        ),
    }
}

fn repair_command(split: &SplitRule, live: &str) -> String {
    let groups: Vec<_> = split
        .weights
        .iter()
        .map(|(arn, _)| {
            let weight = if arn == live { 100 } else { 0 };
            format!("{{TargetGroupArn={arn},Weight={weight}}}")
        })
        .collect();
    format!(
        "aws elbv2 modify-rule --rule-arn {} --actions 'Type=forward,ForwardConfig={{TargetGroups=[{}]}}'",
        split.rule_arn,
        groups.join(",")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repair_gives_all_requests_to_the_live_group() {
        let split = SplitRule {
            rule_arn: "arn:rule".to_owned(),
            weights: vec![("arn:a".to_owned(), 950), ("arn:b".to_owned(), 50)],
            live_target_group_arn: Some("arn:b".to_owned()),
        };
        let diagnostic = explain_split_rule(Operation::Update, None, &split);
        insta::assert_snapshot!(format!("{}\n\n{}", diagnostic.summary, diagnostic.render_detail()));
    }
}
