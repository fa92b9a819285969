//! A range of addresses from which a trunk may send a caller's voice, as an operator writes it: `203.0.113.0/24`.
//! Which trunk has which range is configuration, not ours.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;

use super::MediaFault;

/// Addresses that share a prefix (CIDR, RFC 4632).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network {
    address: IpAddr,
    prefix_bits: u8,
}

impl Network {
    /// A network of `prefix_bits` leading bits of `address`.
    ///
    /// # Errors
    /// [`MediaFault::BadNetwork`] if there are more bits than the address has.
    pub fn new(address: IpAddr, prefix_bits: u8) -> Result<Self, MediaFault> {
        let address = address.to_canonical();
        let bits_max = if address.is_ipv4() { 32 } else { 128 };
        if prefix_bits > bits_max {
            return Err(MediaFault::BadNetwork);
        }
        Ok(Self { address, prefix_bits })
    }

    /// Whether `address` lies in this network.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        shares_prefix(self.address, address.to_canonical(), self.prefix_bits)
    }

    /// Whether some address lies in both.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        shares_prefix(self.address, other.address, self.prefix_bits.min(other.prefix_bits))
    }
}

impl FromStr for Network {
    type Err = MediaFault;

    /// Reads `address/bits`, or an address alone.
    fn from_str(text: &str) -> Result<Self, MediaFault> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.trim().parse().map_err(|_| MediaFault::BadNetwork)?;
        let prefix_bits = match bits {
            Some(bits) => bits.trim().parse().map_err(|_| MediaFault::BadNetwork)?,
            None if address.is_ipv4() => 32,
            None => 128,
        };
        Self::new(address, prefix_bits)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix_bits)
    }
}

/// Whether an address means nothing outside its own house: private, shared, link-local or unspecified. A far end that
/// writes one into its SDP from outside can't be reached there (RFC 1918, RFC 6598, RFC 3927, RFC 4193).
#[must_use]
pub(super) fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let shared = v4.octets()[0] == 100 && v4.octets()[1] & 0xc0 == 64;
            v4.is_private() || v4.is_link_local() || v4 == Ipv4Addr::UNSPECIFIED || shared
        }
        IpAddr::V6(v6) => v6.is_unique_local() || v6.is_unicast_link_local() || v6.is_unspecified(),
    }
}

fn shares_prefix(left: IpAddr, right: IpAddr, bits: u8) -> bool {
    let (left, right, width) = match (left, right) {
        (IpAddr::V4(left), IpAddr::V4(right)) => (u128::from(left.to_bits()), u128::from(right.to_bits()), 32),
        (IpAddr::V6(left), IpAddr::V6(right)) => (left.to_bits(), right.to_bits(), 128),
        _ => return false,
    };
    let ignored = width - u32::from(bits).min(width);
    (left ^ right).checked_shr(ignored).unwrap_or(0) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_knows_its_addresses() {
        let network: Network = "203.0.113.0/25".parse().unwrap();
        assert!(network.contains("203.0.113.127".parse().unwrap()));
        assert!(network.contains("::ffff:203.0.113.1".parse().unwrap()));
        assert!(!network.contains("203.0.113.128".parse().unwrap()));
        assert!(!network.contains("2001:db8::1".parse().unwrap()));
        let everything: Network = "::/0".parse().unwrap();
        assert!(everything.contains("2001:db8::1".parse().unwrap()));
        assert_eq!(network.to_string(), "203.0.113.0/25");
    }

    #[test]
    fn networks_overlap_when_one_holds_the_other() {
        let wide: Network = "10.0.0.0/8".parse().unwrap();
        let narrow: Network = "10.9.0.0/16".parse().unwrap();
        let other: Network = "11.0.0.0/8".parse().unwrap();
        assert!(wide.overlaps(&narrow) && narrow.overlaps(&wide));
        assert!(!wide.overlaps(&other));
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in ["", "203.0.113.0/33", "203.0.113.0/x", "house", "::/129"] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_house_s_own_addresses_are_private() {
        for text in ["10.1.2.3", "192.168.1.5", "172.16.0.1", "100.64.0.1", "169.254.0.9", "0.0.0.0", "fd00::1"] {
            assert!(is_private(text.parse().unwrap()), "{text}");
        }
        for text in ["127.0.0.1", "203.0.113.9", "100.128.0.1", "2001:db8::1"] {
            assert!(!is_private(text.parse().unwrap()), "{text}");
        }
    }
}
