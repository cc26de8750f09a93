//! From method and path to an endpoint: 404, 405 with `Allow`, `HEAD` wherever there is `GET`.

use http::Method;

use crate::endpoint::Endpoint;

/// The routes of some tables.
pub struct Router {
    paths: matchit::Router<Vec<&'static Endpoint>>,
}

/// Where a request goes.
pub(crate) enum Route {
    /// To this endpoint, with the values of its path's names.
    Found(&'static Endpoint, Vec<(String, String)>),
    /// The path exists with other methods: the value of `Allow`.
    OtherMethods(String),
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
        let mut paths = matchit::Router::new();
        for (path, endpoints) in by_path {
            // Two paths that contradict each other: the test below keeps the tables free of them.
            drop(paths.insert(path, endpoints));
        }
        Self { paths }
    }

    pub(crate) fn route(&self, method: &Method, path: &str) -> Route {
        let Ok(found) = self.paths.at(path) else { return Route::Missing };
        let asked = if method == Method::HEAD { &Method::GET } else { method };
        match found.value.iter().find(|endpoint| endpoint.method == *asked) {
            Some(endpoint) => {
                let values = found.params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
                Route::Found(endpoint, values)
            }
            None => Route::OtherMethods(allow(found.value)),
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
        let router = Router::new(crate::TABLES);
        for endpoint in crate::TABLES.iter().copied().flatten() {
            let path = endpoint.path.replace("{id}", "x").replace("{message_id}", "y");
            assert!(
                matches!(router.route(&endpoint.method, &path), Route::Found(found, _) if std::ptr::eq(found, endpoint)),
                "{} {path}",
                endpoint.method
            );
        }
    }

    #[test]
    fn a_known_path_names_its_methods() {
        let router = Router::new(crate::TABLES);
        let Route::OtherMethods(allow) = router.route(&Method::DELETE, "/api/v1/chat/sessions") else { panic!() };
        assert_eq!(allow, "POST, GET, HEAD, OPTIONS");
        assert!(matches!(router.route(&Method::GET, "/api/v1/nothing"), Route::Missing));
    }
}
