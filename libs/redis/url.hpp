#pragma once

#include "libs/redis/options.hpp"

#include <expected>
#include <string>
#include <string_view>

namespace chatflow::redis {

/// Options from one text:
///
///     redis://[user:password@]host[:6379][/database]
///     redis+sentinel://[user:password@]host[:26379],host…/master-name[/database]
///     redis+cluster://[user:password@]host[:6379],host…
///
/// `rediss`, `rediss+sentinel` and `rediss+cluster` speak TLS. After a `?`: ca_file,
/// certificate_file, key_file, server_name, client_name, sentinel_username, sentinel_password.
/// Bytes of another meaning are written as %2F. The error says what is expected and never repeats
/// the text, which may hold a password.
[[nodiscard]] std::expected<Options, std::string> parse_url(std::string_view text);

}  // namespace chatflow::redis
