//! Payloads that are `data` in an envelope with a separate time.

/// Implements `Serialize` and `Deserialize` for the whole body, if the provider wraps the struct's
/// fields in `data` and puts a time next to it. The struct derives both with
/// `#[serde(remote = "Self")]`, so that they describe only `data`, and skips the field for the
/// envelope's time.
macro_rules! enveloped {
    ($Struct:ident, $time:ident => $field:ident) => {
        impl<'de> serde::Deserialize<'de> for $Struct {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Data($Struct);

                impl<'de> serde::Deserialize<'de> for Data {
                    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                        $Struct::deserialize(deserializer).map(Self)
                    }
                }

                #[derive(serde::Deserialize)]
                struct Envelope {
                    #[serde(default)]
                    $time: Option<crate::Rfc3339>,
                    #[serde(default, deserialize_with = "crate::event::field::object")]
                    data: Option<Data>,
                }

                let envelope = <Envelope as serde::Deserialize>::deserialize(deserializer)?;
                let mut content = envelope.data.map_or_else(Self::default, |data| data.0);
                content.$field = envelope.$time;
                Ok(content)
            }
        }

        impl serde::Serialize for $Struct {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                struct Data<'a>(&'a $Struct);

                impl serde::Serialize for Data<'_> {
                    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                        $Struct::serialize(self.0, serializer)
                    }
                }

                #[derive(serde::Serialize)]
                struct Envelope<'a> {
                    #[serde(skip_serializing_if = "Option::is_none")]
                    $time: &'a Option<crate::Rfc3339>,
                    data: Data<'a>,
                }

                serde::Serialize::serialize(&Envelope { $time: &self.$field, data: Data(self) }, serializer)
            }
        }
    };
}

pub(crate) use enveloped;
