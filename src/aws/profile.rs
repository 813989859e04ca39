//! The shared configuration files and the profile in use.

use aws_config::profile::ProfileSet;
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_types::os_shim_internal::Fs;

use crate::aws::environment::Environment;
use crate::aws::error::chain_text;
use crate::aws::settings::ClientSettings;
use crate::framework::{Diagnostic, Path};

/// The parsed files with the profile in use.
#[derive(Debug)]
pub(crate) struct Profiles {
    set: ProfileSet,
    files: EnvConfigFiles,
}

impl Profiles {
    /// Reads the files that `settings` and `environment` name, or the usual ones.
    ///
    /// # Errors
    /// A file that the user named is missing, a file cannot be parsed, or the profile that the user named does not exist.
    pub(crate) async fn load(
        settings: &ClientSettings,
        environment: &Environment,
    ) -> Result<Self, Diagnostic> {
        let files = files(settings, environment);
        let name = settings.profile.clone().map(Into::into);
        let set = aws_config::profile::load(&Fs::real(), &environment.to_sdk(), &files, name)
            .await
            .map_err(|error| unreadable(settings, &error))?;
        let profiles = Self { set, files };
        if let Some(profile) = &settings.profile
            && profiles.set.get_profile(profile).is_none()
        {
            return Err(unknown_profile(profile, "the provider's `profile`").at(Path::attribute("profile")));
        }
        Ok(profiles)
    }

    /// A setting of the profile in use.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.set.get(key)
    }

    /// Name of the profile in use.
    pub(crate) fn selected(&self) -> &str {
        self.set.selected_profile()
    }

    /// Whether the profile in use exists.
    pub(crate) fn is_selected_known(&self) -> bool {
        self.set.get_profile(self.selected()).is_some()
    }

    /// The files, as the SDK's loader takes them.
    pub(crate) fn files(&self) -> EnvConfigFiles {
        self.files.clone()
    }

    /// `credential_source` of the profile in use or of the one that its `source_profile` leads to.
    pub(crate) fn credential_source(&self) -> Option<&str> {
        const MOST_LINKS: usize = 16;
        let mut profile = self.set.get_profile(self.selected())?;
        for _ in 0..MOST_LINKS {
            if let Some(source) = profile.get("credential_source") {
                return Some(source);
            }
            profile = profile.get("source_profile").and_then(|name| self.set.get_profile(name))?;
        }
        None
    }
}

/// A profile that does not exist; `named_by` says who asked for it.
pub(crate) fn unknown_profile(profile: &str, named_by: &str) -> Diagnostic {
    Diagnostic::error(
        format!("AWS profile `{profile}` does not exist"),
        format!(
            "{named_by} names the profile `{profile}`, but none of the shared configuration files has it."
        ),
    )
    .hint("list the profiles with `aws configure list-profiles`")
}

fn files(settings: &ClientSettings, environment: &Environment) -> EnvConfigFiles {
    let mut builder = EnvConfigFiles::builder()
        .include_default_config_file(settings.shared_config_files.is_empty())
        .include_default_credentials_file(settings.shared_credentials_files.is_empty());
    let named = [
        (EnvConfigFileKind::Config, &settings.shared_config_files),
        (EnvConfigFileKind::Credentials, &settings.shared_credentials_files),
    ];
    for (kind, paths) in named {
        for path in paths {
            builder = builder.with_file(kind, environment.expand_home(path));
        }
    }
    builder.build()
}

fn unreadable(settings: &ClientSettings, error: &(dyn std::error::Error + 'static)) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        "Cannot read the shared AWS configuration files",
        format!("Tried: reading the configuration and credentials files.\nProblem: {}", chain_text(error)),
    );
    if !settings.shared_config_files.is_empty() {
        diagnostic.at(Path::attribute("shared_config_files"))
    } else if !settings.shared_credentials_files.is_empty() {
        diagnostic.at(Path::attribute("shared_credentials_files"))
    } else {
        diagnostic
    }
}
