//! `events!`: makes an enum of events from their names and structs.

/// Defines the events of a provider: an enum with one variant for each documented event, and
/// `Unknown`.
///
/// * `name` is the path at which an event carries its name (default: `name: "event"`). It comes
///   before `id`. A body without the name is answered with 422: if some deliveries have none, use
///   [`AnyEvent`](crate::AnyEvent).
/// * `id` lists the paths at which events carry the ID of their resource: names of JSON fields with
///   `.` between them. An unknown event takes the first usable one.
/// * Each documented event is `"name" => Variant(Struct)`.
/// * If the event has an ID, add `at` and the field that holds it. If `id` lists several paths,
///   also add `in` and the path: `at scan_id in "scanId"`. In a nested object it is
///   `at data.order_id`; the objects on the way are structs and not `Option`s.
/// * The struct derives `Serialize` and `Deserialize`, and describes the whole body without the
///   name. Give it `#[serde(default)]`, and make each field an `Option`, so that no genuine
///   delivery is rejected because of one field. (In a generic struct, write `#[serde(default)]` on
///   each field instead.)
///
/// A field that cannot be read, because its value has another type, is missing from the event. (A
/// string of digits is read as a number if the field is one, `0`, `1`, `"0"`, `"1"`, `"true"` and
/// `"false"` as a boolean, a number as a string, and an object whose keys are integers as a list. An
/// item of a list that cannot be read is left out.) One warning for each delivery names these
/// fields. A field that is neither an `Option` nor has a default is required: without it, the body
/// is not an event. Enums, tuples, and the content of `flatten`, `tag` and `untagged` are read whole
/// or not at all: a flattened struct with a field of another type is like a required field.
/// Do not use `deny_unknown_fields`: the provider may add a field at any time.
///
/// The enum gets `name()` and `resource_id()`, and implements
/// [`ProviderEvent`](crate::ProviderEvent), `Serialize` and `Deserialize`. [`Provider`](crate::provider::Provider) has a complete example.
#[macro_export]
macro_rules! events {
    // The path of the event's name.
    (@name) => { "event" };
    (@name $path:literal) => { $path };
    // The path of the ID that the field holds.
    (@paths $all:ident) => { &[] };
    (@paths $all:ident $($field:ident).+) => { $all };
    (@paths $all:ident $($field:ident).+ in $path:literal) => { &[$path] };
    (
        $(#[$meta:meta])*
        $vis:vis enum $Enum:ident {
            $(name: $path_of_name:literal;)?
            id: [$($id:literal),* $(,)?];
            $(
                $(#[$variant_meta:meta])*
                $name:literal => $Variant:ident($Content:ty) $(at $($field:ident).+ $(in $path:literal)?)?
            ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        ///
        /// More variants may be added as the provider documents more events.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        $vis enum $Enum {
            $($(#[$variant_meta])* $Variant($Content),)*
            /// An event that was not documented when this version was released: its name and its
            /// raw JSON.
            Unknown($crate::UnknownEvent),
        }

        impl $Enum {
            /// Returns the event's name, as in the JSON.
            pub fn name(&self) -> &str {
                match self {
                    $(Self::$Variant(_) => $name,)*
                    Self::Unknown(event) => event.name(),
                }
            }

            /// Returns the ID of the event's resource, if it has a usable one.
            pub fn resource_id(&self) -> Option<&str> {
                match self {
                    $(
                        #[allow(unused_variables, reason = "not every event has an id")]
                        Self::$Variant(content) => {
                            #[allow(unused_mut, unused_assignments)]
                            let mut id: Option<&str> = None;
                            $(id = $crate::__private::id_in(&content.$($field).+);)?
                            id
                        }
                    )*
                    Self::Unknown(event) => event.resource_id(),
                }
            }
        }

        impl $crate::Event for $Enum {
            fn from_message(message: &$crate::provider::Message<'_>) -> Result<Self, $crate::DecodeError> {
                $crate::__private::decode_message(message)
            }
        }

        impl $crate::ProviderEvent for $Enum {
            const NAMES: &'static [&'static str] = &[$($name),*];
            const NAME_PATH: &'static str = $crate::events!(@name $($path_of_name)?);

            fn id_paths(name: &str) -> &'static [&'static str] {
                const ALL: &[&str] = &[$($id),*];
                match name {
                    $($name => $crate::events!(@paths ALL $($($field).+ $(in $path)?)?),)*
                    _ => ALL,
                }
            }

            fn decode(body: &[u8]) -> Result<Self, $crate::DecodeError> {
                $crate::__private::decode(None, body)
            }

            fn name(&self) -> &str {
                self.name()
            }

            fn resource_id(&self) -> Option<&str> {
                self.resource_id()
            }
        }

        impl $crate::__private::Family for $Enum {
            fn read<'de, D: $crate::__private::serde::Deserializer<'de>>(
                name: &str,
                body: D,
                text: &str,
            ) -> Result<Option<Self>, D::Error> {
                match name {
                    $($name => $crate::__private::Payload::read(body, text).map(Self::$Variant).map(Some),)*
                    _ => $crate::__private::serde::Deserialize::deserialize(body)
                        .map(|_: $crate::__private::serde::de::IgnoredAny| None),
                }
            }

            fn unknown(event: $crate::UnknownEvent) -> Self {
                Self::Unknown(event)
            }
        }

        impl $crate::__private::serde::Serialize for $Enum {
            fn serialize<S: $crate::__private::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $(Self::$Variant(content) => $crate::__private::Payload::write(
                        content, <Self as $crate::ProviderEvent>::NAME_PATH, $name, serializer,
                    ),)*
                    Self::Unknown(event) => $crate::__private::serde::Serialize::serialize(event.json(), serializer),
                }
            }
        }

        impl<'de> $crate::__private::serde::Deserialize<'de> for $Enum {
            fn deserialize<D: $crate::__private::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let json: $crate::RawJson = $crate::__private::serde::Deserialize::deserialize(deserializer)?;
                $crate::__private::decode(None, json.get().as_bytes()).map_err($crate::__private::serde::de::Error::custom)
            }
        }
    };
}
