//! The settings of the identity provider: what is refused, and what the pages are given.
//! Asking the provider is left to `web`.

use super::{OpenidPart, Settings};
use caseline_model::Private;
use caseline_web::staff::OpenidSettings;

impl Settings {
    /// What is wrong with `[openid]`: the key, and what to do.
    pub(super) fn openid_fault(&self) -> Option<(&'static str, String)> {
        let openid = self.openid.as_ref()?;
        if !openid.issuer.starts_with("https://") {
            return Some(("issuer", "openid.issuer is an https address, as your provider writes it".into()));
        }
        if openid.client_id.is_empty() {
            return Some(("client_id", "openid.client_id is what your provider calls this desk".into()));
        }
        if openid.acr.is_empty() && openid.amr.is_empty() {
            let what = "openid.acr and openid.amr are both empty: name the words by which your provider says that somebody \
                        showed a key that cannot be phished, such as acr = [\"phr\"] or amr = [\"hwk\"]";
            return Some(("openid", what.into()));
        }
        if openid.hosts.iter().any(|host| host.is_empty() || host.contains(['/', ':', '*'])) {
            return Some(("hosts", "openid.hosts are names of hosts, such as keys.example.org".into()));
        }
        let is_ours = |address: &str| address.starts_with("https://") || address.starts_with("http://localhost");
        let desk = self.web.desk_address.as_deref().or(self.web.public_address.as_deref());
        if !desk.is_some_and(is_ours) {
            let what = "openid needs web.public_address, an https address: the provider leads people back to \
                        /staff/openid/back below it";
            return Some(("openid", what.into()));
        }
        None
    }
}

impl OpenidPart {
    /// What the pages are given, with the secret out of its file.
    ///
    /// # Errors
    /// Says which file cannot be read.
    pub fn to_web(&self) -> Result<OpenidSettings, String> {
        let secret = |path: &std::path::PathBuf| {
            std::fs::read_to_string(path)
                .map(|text| Private::new(text.trim().to_owned()))
                .map_err(|error| format!("openid.client_secret_file {} cannot be read: {error}", path.display()))
        };
        Ok(OpenidSettings {
            issuer: self.issuer.clone(),
            client_id: self.client_id.clone(),
            client_secret: self.client_secret_file.as_ref().map(secret).transpose()?,
            hosts: self.hosts.clone(),
            ca_file: self.ca_file.clone(),
            acr: self.acr.clone(),
            amr: self.amr.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "[operator]\nkind = \"legal-aid\"\nname = \"Made-Up Legal Aid\"\nshares_with = \"\"\nhears_calls = \
                        \"\"\n";

    fn read(web: &str, openid: &str) -> Result<Settings, String> {
        let text = format!("{LINE}[web]\n{web}\n[openid]\n{openid}\n");
        Settings::parse("caseline.toml", &text).map_err(|fault| fault.to_string())
    }

    #[test]
    fn a_provider_that_proves_too_little_or_leads_nowhere_is_refused_with_what_to_do() {
        let ours = "public_address = \"https://help.example.org\"";
        let known = "issuer = \"https://id.example.org\"\nclient_id = \"desk\"";
        let good = format!("{known}\namr = [\"hwk\"]");
        let read_well = read(ours, &good).unwrap().openid.unwrap();
        assert_eq!(read_well.ca_file.to_str(), Some("/etc/ssl/certs/ca-certificates.crt"));
        assert!(read_well.to_web().unwrap().client_secret.is_none());
        for (web, openid, said) in [
            (ours, known.to_owned(), "openid.acr and openid.amr are both empty"),
            ("", good.clone(), "openid needs web.public_address"),
            ("public_address = \"http://help.example.org\"", good.clone(), "openid needs web.public_address"),
            (ours, good.replace("https://id", "http://id"), "openid.issuer is an https address"),
            (ours, good.replace("\"desk\"", "\"\""), "openid.client_id is what"),
            (ours, format!("{good}\nhosts = [\"https://keys.example.org/\"]"), "openid.hosts are names of hosts"),
            (ours, format!("{good}\nscope = \"email\""), "unknown field `scope`"),
        ] {
            let fault = read(web, &openid).unwrap_err();
            assert!(fault.starts_with("caseline.toml:") && fault.contains(said), "{fault}");
        }
    }
}
