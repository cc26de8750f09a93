//! Where Cloudflare runs the Worker: beside the stores, as far as the database's host name says where they are.
//!
//! Cloudflare's page "Placement": `region` takes a cloud's own name for a region (`aws:eu-central-1`, `azure:eastus2`), `hostname` is a
//! host that Cloudflare probes by HTTP.

use std::fmt;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use toml::Table;
use url::Url;

use crate::project::Project;

/// The configuration with a placement. It lies beside `wrangler.toml`, because paths in it count from its own folder.
const PLACED: &str = "wrangler.placed.toml";

/// What was decided.
#[derive(Debug, PartialEq, Eq)]
pub enum Placement {
    /// The operator has written a `[placement]`.
    ByHand,
    /// In this region, by Cloudflare's name for it.
    Region(String),
    /// Near each visitor, because this host's name does not say where it is.
    UnknownHost(String),
    /// Near each visitor, because no database is known here.
    NoDatabase,
}

impl Placement {
    /// Decides by the text of a `wrangler.toml`, and by the database's address, which is a secret of the Worker's and so not in there.
    pub fn choose(wrangler_toml: &str, database_url: Option<&str>) -> Result<Self> {
        let config: Table = wrangler_toml.parse().context("wrangler.toml is not TOML")?;
        if config.contains_key("placement") {
            return Ok(Self::ByHand);
        }
        let gateway = config.get("vars").and_then(|vars| vars.get("DATABASE_HTTP_URL")).and_then(toml::Value::as_str);
        // Statements go to the gateway where there is one.
        let Some(address) = gateway.into_iter().chain(database_url).find(|address| !address.is_empty()) else {
            return Ok(Self::NoDatabase);
        };
        // The address may hold a password: no error repeats it.
        let url = Url::parse(address).ok();
        let Some(host) = url.as_ref().and_then(Url::host_str) else {
            return Ok(Self::NoDatabase);
        };
        Ok(region_of(host).map_or_else(|| Self::UnknownHost(host.to_owned()), Self::Region))
    }

    /// Writes the configuration that wrangler is to read; `None`: `wrangler.toml` itself will do.
    pub fn write(&self, project: &Project, wrangler_toml: &str) -> Result<Option<PlacedConfig>> {
        let Self::Region(region) = self else { return Ok(None) };
        let path = project.path(PLACED);
        fs::write(&path, placed(wrangler_toml, region)).with_context(|| format!("writing {PLACED}"))?;
        Ok(Some(PlacedConfig(path)))
    }
}

impl fmt::Display for Placement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let near_visitors = "placement: none, so that the Worker runs near each visitor, wherever the stores are";
        match self {
            Self::ByHand => formatter.write_str("placement: as wrangler.toml says"),
            Self::Region(region) => write!(
                formatter,
                "placement: {region}, because the database's host name says that it is there; a [placement] in wrangler.toml is \
                 left as it is"
            ),
            Self::UnknownHost(host) => write!(
                formatter,
                "{near_visitors}: the name of the database's host says no region\n  what to do: give wrangler.toml a [placement] \
                 with `region = \"aws:eu-central-1\"`, if that is where it is, or `hostname = \"{host}\"`, if it answers HTTP; \
                 `mode = \"off\"` says that it shall stay so"
            ),
            Self::NoDatabase => write!(
                formatter,
                "{near_visitors}: no address of the database is known here\n  what to do: set DATABASE_URL, as for `cargo xtask \
                 migrate`, or give wrangler.toml a [placement] (docs/deploy-workers.md)"
            ),
        }
    }
}

/// A configuration that goes when the deployment is over.
pub struct PlacedConfig(PathBuf);

impl PlacedConfig {
    /// Its name, from the root.
    pub fn name(&self) -> &'static str {
        PLACED
    }
}

impl Drop for PlacedConfig {
    fn drop(&mut self) {
        // What is left of it is not in git, and the next deployment writes it anew.
        let _ = fs::remove_file(&self.0);
    }
}

/// The region in a host name of Neon's: `ep-x.eu-central-1.aws.neon.tech`, `ep-x.c-2.us-east-1.aws.neon.tech`,
/// `ep-x.eastus2.azure.neon.tech`.
fn region_of(host: &str) -> Option<String> {
    let host = host.to_ascii_lowercase();
    let (rest, cloud) = host.strip_suffix(".neon.tech")?.rsplit_once('.')?;
    let (_, region) = rest.rsplit_once('.')?;
    let region = match (cloud, region) {
        // Neon's own short name, of its page "Regions".
        ("azure", "gwc") => "germanywestcentral",
        // The address is the operator's word and goes into a file.
        ("aws" | "azure", region) if region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') => region,
        _ => return None,
    };
    Some(format!("{cloud}:{region}"))
}

/// A `wrangler.toml` with a placement. Keys in front belong to no table, whatever follows.
fn placed(wrangler_toml: &str, region: &str) -> String {
    format!("placement = {{ region = \"{region}\" }}\n{wrangler_toml}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = include_str!("../../../wrangler.toml");

    fn region(name: &str) -> Placement {
        Placement::Region(name.to_owned())
    }

    #[test]
    fn a_host_of_neons_says_where_it_is_and_no_other_does() {
        for (host, region) in [
            ("ep-cool-leaf-123456.eu-central-1.aws.neon.tech", Some("aws:eu-central-1")),
            ("ep-cool-leaf-123456-pooler.us-east-2.aws.neon.tech", Some("aws:us-east-2")),
            ("ep-cool-leaf-123456.c-2.us-east-1.aws.neon.tech", Some("aws:us-east-1")),
            ("EP-X.AP-SOUTHEAST-1.AWS.NEON.TECH", Some("aws:ap-southeast-1")),
            ("api.sa-east-1.aws.neon.tech", Some("aws:sa-east-1")),
            ("ep-x.eastus2.azure.neon.tech", Some("azure:eastus2")),
            ("ep-x.gwc.azure.neon.tech", Some("azure:germanywestcentral")),
            ("eu-central-1.aws.neon.tech", None),
            ("ep-x.eu-central-1.moon.neon.tech", None),
            ("ep-x.eu\"central.aws.neon.tech", None),
            ("ep-x.eu-central-1.aws.neon.tech.example.com", None),
            ("aws.neon.tech", None),
            ("neon.tech", None),
            ("db.example.com", None),
            ("127.0.0.1", None),
        ] {
            assert_eq!(region_of(host).as_deref(), region, "{host}");
        }
    }

    #[test]
    fn the_operators_word_comes_first_then_the_gateways_host_then_the_databases() {
        let neon = Some("postgres://user:secret@ep-x.eu-central-1.aws.neon.tech/chat?sslmode=require");
        let by_hand = format!("{OURS}\n[placement]\nmode = \"smart\"\n");
        let with_gateway =
            |url: &str| OURS.replace("DATABASE_HTTP_URL = \"\"", &format!("DATABASE_HTTP_URL = \"{url}\""));
        for (config, database, expected) in [
            (OURS, neon, region("aws:eu-central-1")),
            (OURS, None, Placement::NoDatabase),
            (OURS, Some(""), Placement::NoDatabase),
            (OURS, Some("secret"), Placement::NoDatabase),
            (
                OURS,
                Some("postgres://u:secret@db.example.com/chat"),
                Placement::UnknownHost("db.example.com".to_owned()),
            ),
            (&by_hand, neon, Placement::ByHand),
            (&with_gateway("https://sql.example.com/sql"), neon, Placement::UnknownHost("sql.example.com".to_owned())),
            (&with_gateway("https://api.us-west-2.aws.neon.tech/sql"), None, region("aws:us-west-2")),
        ] {
            let placement = Placement::choose(config, database).unwrap();
            assert_eq!(placement, expected);
            assert!(!placement.to_string().contains("secret"), "{placement}");
        }
        assert!(Placement::choose("name =", neon).is_err());
    }

    #[test]
    fn a_placed_configuration_is_the_same_but_for_the_placement() {
        let mut config: Table = placed(OURS, "aws:eu-central-1").parse().unwrap();
        let placement = config.remove("placement").unwrap();
        assert_eq!(placement, toml::Value::Table("region = \"aws:eu-central-1\"".parse().unwrap()));
        assert_eq!(config, OURS.parse().unwrap());
    }

    #[test]
    fn what_is_written_for_wrangler_goes_and_is_not_for_git() {
        let root = std::env::temp_dir().join(format!("edgewise-placement-{}", std::process::id()));
        fs::create_dir_all(&root).unwrap();
        let project = Project::at(root.clone());
        let config = region("aws:eu-central-1").write(&project, OURS).unwrap().unwrap();
        assert!(root.join(config.name()).exists());
        drop(config);
        assert!(!root.join(PLACED).exists());
        assert!(Placement::ByHand.write(&project, OURS).unwrap().is_none());
        fs::remove_dir_all(&root).unwrap();
        let ours = Project::open().unwrap();
        assert!(ours.command("git").args(["check-ignore", "--quiet", PLACED]).status().unwrap().success());
    }
}
