//! From method and path to an endpoint: 404, 405 with `Allow`, `HEAD` wherever there is `GET`.

use http::Method;

use crate::endpoint::{Endpoint, Needs};

/// The routes of some tables.
pub struct Router {
    paths: matchit::Router<Vec<&'static Endpoint>>,
    /// Paths that contradict an earlier one and are not served.
    conflicts: Vec<String>,
}

/// Where a request goes.
pub(crate) enum Route {
    /// To this endpoint, with the values of its path's names.
    Found(&'static Endpoint, Vec<(String, String)>),
    /// The path exists with other methods.
    OtherMethods {
        /// The value of `Allow`.
        allow: String,
        /// What must be switched on for it to be there.
        needs: Needs,
    },
    /// There is no such path.
    Missing,
}

impl Router {
    /// The routes of `tables`.
    #[must_use]
    pub fn new(tables: &[&'static [Endpoint]]) -> Self {
        let mut by_path: Vec<(&'static str, Vec<&'static Endpoint>)> = Vec::new();
        for endpoint in tables.iter().copied().flatten() {
            match by_path.iter_mut().find(|(path, _)| *path == endpoint.path) {
                Some((_, endpoints)) => endpoints.push(endpoint),
                None => by_path.push((endpoint.path, vec![endpoint])),
            }
        }
        let (mut paths, mut conflicts) = (matchit::Router::new(), Vec::new());
        for (path, endpoints) in by_path {
            if let Err(conflict) = paths.insert(path, endpoints) {
                conflicts.push(format!("{path}: {conflict}"));
            }
        }
        Self { paths, conflicts }
    }

    /// Paths of the tables that contradict each other: a test keeps them free of such, and the log would tell.
    pub(crate) fn conflicts(&self) -> &[String] {
        &self.conflicts
    }

    pub(crate) fn route(&self, method: &Method, path: &str) -> Route {
        let Ok(found) = self.paths.at(path) else { return Route::Missing };
        let asked = if method == Method::HEAD { &Method::GET } else { method };
        match found.value.iter().find(|endpoint| endpoint.method == *asked) {
            Some(endpoint) => {
                let values = found.params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
                Route::Found(endpoint, values)
            }
            None => Route::OtherMethods {
                allow: allow(found.value),
                needs: found.value.iter().map(|endpoint| endpoint.access.needs()).min().unwrap_or(Needs::Nothing),
            },
        }
    }
}

fn allow(endpoints: &[&'static Endpoint]) -> String {
    let mut methods: Vec<&str> = Vec::new();
    for endpoint in endpoints {
        methods.push(endpoint.method.as_str());
        if endpoint.method == Method::GET {
            methods.push("HEAD");
        }
    }
    methods.push("OPTIONS");
    methods.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_endpoint_of_the_tables_is_reached_by_its_path() {
        let router = Router::new(&crate::TABLES.concat());
        for endpoint in crate::TABLES.concat().into_iter().flatten() {
            let path = endpoint.path.replace("{id}", "x").replace("{message_id}", "y");
            assert!(
                matches!(router.route(&endpoint.method, &path), Route::Found(found, _) if std::ptr::eq(found, endpoint)),
                "{} {path}",
                endpoint.method
            );
        }
    }

    #[test]
    fn paths_that_contradict_each_other_are_told() {
        const TWICE: &[Endpoint] = &[
            Endpoint::chat(Method::GET, "/a/{id}", |_, _| {
                Box::pin(async { Err(crate::problem::Problem::not_found()) })
            }),
            Endpoint::chat(Method::GET, "/a/{name}", |_, _| {
                Box::pin(async { Err(crate::problem::Problem::not_found()) })
            }),
        ];
        assert_eq!(Router::new(&crate::TABLES.concat()).conflicts(), [] as [String; 0]);
        assert_eq!(Router::new(&[TWICE]).conflicts().len(), 1);
    }

    #[test]
    fn a_known_path_names_its_methods() {
        let router = Router::new(&crate::TABLES.concat());
        let other = |path| match router.route(&Method::DELETE, path) {
            Route::OtherMethods { allow, needs } => (allow, needs),
            Route::Found(..) | Route::Missing => panic!("{path}"),
        };
        assert_eq!(other("/api/v1/chat/sessions"), ("POST, GET, HEAD, OPTIONS".to_owned(), Needs::Chat));
        assert_eq!(other("/api/v1/health"), ("GET, HEAD, OPTIONS".to_owned(), Needs::Nothing));
        assert!(matches!(router.route(&Method::GET, "/api/v1/nothing"), Route::Missing));
    }
}
