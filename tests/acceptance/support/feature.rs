//! What the command lines learned over time, as far as this provider's users meet it.
//! `docs/guides/compatibility.md` says the same, which a test checks.

/// Something that older command lines lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Feature {
    /// `import` blocks.
    ImportBlock,
    /// A configuration that core generates for an `import` block. Cores before these end themselves when a type has
    /// read-only members in nested attributes.
    GeneratedConfiguration,
    /// `terraform test`.
    Test,
    /// `mock_provider` in tests.
    MockProvider,
    /// `provider::express::...`.
    Function,
    /// `moved` from another resource type.
    Move,
    /// Import by `identity`.
    Identity,
    /// `list` blocks and `terraform query`.
    ListResource,
    /// `action` blocks.
    Action,
    /// Plans that are asked for in the middle of an apply can be told from others.
    TellsApplyFromPlan,
}

impl Feature {
    /// All of them, oldest first.
    pub(crate) const ALL: [Self; 10] = [
        Self::ImportBlock,
        Self::Test,
        Self::MockProvider,
        Self::Function,
        Self::GeneratedConfiguration,
        Self::Move,
        Self::TellsApplyFromPlan,
        Self::Identity,
        Self::ListResource,
        Self::Action,
    ];

    /// What the compatibility page calls it.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::ImportBlock => "`import` blocks",
            Self::GeneratedConfiguration => "generated configuration",
            Self::Test => "`terraform test`",
            Self::MockProvider => "`mock_provider` in tests",
            Self::Function => "functions",
            Self::Move => {
                "`moved` from `aws_ecs_express_gateway_service` or `awscc_ecs_express_gateway_service`"
            }
            Self::Identity => "import by `identity`",
            Self::ListResource => "`list` blocks, `terraform query`",
            Self::Action => "`action` blocks",
            Self::TellsApplyFromPlan => "a replacement that shows only in the apply, in the provider's words",
        }
    }

    /// First major and minor version of `terraform` or `tofu` that has it.
    pub(crate) fn since(self, name: &str) -> Option<(u32, u32)> {
        let (terraform, tofu) = match self {
            Self::ImportBlock => (5, Some(6)),
            Self::GeneratedConfiguration => (8, Some(11)),
            Self::Test => (6, Some(6)),
            Self::MockProvider => (7, Some(8)),
            Self::Function => (8, Some(7)),
            Self::Move => (8, Some(10)),
            Self::TellsApplyFromPlan => (9, None),
            Self::Identity => (12, Some(12)),
            Self::ListResource | Self::Action => (14, None),
        };
        let minor = if name == "tofu" { tofu } else { Some(terraform) };
        minor.map(|minor| (1, minor))
    }

    /// What a configuration or test needs, by its words. A configuration of imports alone is to be generated.
    pub(crate) fn list_needed(text: &str) -> Vec<Self> {
        let has = |word: &str| text.lines().any(|line| line.trim_start().starts_with(word));
        let needs = |feature: &Self| match feature {
            Self::ImportBlock => has("import {"),
            Self::GeneratedConfiguration => has("import {") && !has("resource \""),
            Self::Test => has("run \""),
            Self::MockProvider => has("mock_provider \""),
            Self::Function => text.contains("provider::"),
            Self::Move => has("moved {"),
            Self::Identity => has("identity ="),
            Self::ListResource => has("list \""),
            Self::Action => has("action \""),
            Self::TellsApplyFromPlan => false,
        };
        Self::ALL.into_iter().filter(needs).collect()
    }
}

#[test]
fn a_configuration_needs_what_it_uses() {
    assert_eq!(
        Feature::list_needed("import {\n  to = x.y\n  identity = {}\n}"),
        [Feature::ImportBlock, Feature::GeneratedConfiguration, Feature::Identity]
    );
    assert_eq!(
        Feature::list_needed("import {\n  to = x.y\n}\nresource \"x\" \"y\" {}"),
        [Feature::ImportBlock]
    );
    assert_eq!(Feature::list_needed("resource \"x\" \"y\" {}\n"), []);
}
