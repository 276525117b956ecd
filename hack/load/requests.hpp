#pragma once

#include "hack/load/options.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::load {

enum class Kind { Room, Messages, Send, Upload, LogIn };
constexpr std::size_t kKinds = 5;
[[nodiscard]] std::string_view name_of(Kind kind);

/// Of a hundred requests of Mix::Chat.
constexpr std::array<int, kKinds> kChatShares = {40, 40, 18, 1, 1};

/// Writes the requests of a run as they go over the wire. Rooms take turns; of ten mixed requests
/// four read a room, five its newest messages, and one sends a message. Room n belongs to account n
/// modulo the number of accounts, which asks for it.
class Requests {
 public:
    /// `run` tells this run's messages from those of others.
    Requests(Target target, Mix mix, std::string run, std::string password = {},
             std::uint32_t accounts = 1);

    /// The accounts of this run, and their renewal.
    [[nodiscard]] std::string sign_up(std::uint32_t account) const;
    [[nodiscard]] std::string log_in(std::uint32_t account) const;
    [[nodiscard]] std::string renewal(std::string_view refresh_token) const;
    /// From now on in every request of the account; its messages then name no sender.
    void use_token(std::uint32_t account, std::string_view access_token);
    /// There is no place for files: messages are sent instead.
    void leave_out_uploads() { has_uploads_ = false; }

    [[nodiscard]] std::string new_room(std::size_t number) const;
    [[nodiscard]] std::string new_message(std::size_t room, std::string_view room_id,
                                          std::uint64_t number) const;
    [[nodiscard]] std::string upload(std::uint32_t account) const;

    /// In the order of their numbers.
    void use_rooms(std::vector<std::string> ids) { rooms_ = std::move(ids); }
    [[nodiscard]] Kind kind(std::uint64_t number) const;
    /// The request of that number. use_rooms() comes first.
    [[nodiscard]] std::string load(std::uint64_t number) const;

 private:
    [[nodiscard]] std::uint32_t account_of(std::size_t room) const;
    [[nodiscard]] std::string get(std::uint32_t account, std::string_view path) const;
    [[nodiscard]] std::string post(std::string_view authorization, std::string_view path,
                                   std::string_view json) const;
    [[nodiscard]] std::string credentials(std::uint32_t account) const;

    std::string host_;  // header
    Mix mix_;
    std::string run_;
    std::string password_;
    std::vector<std::string> authorizations_;  // headers by account, empty without a token
    bool has_uploads_ = true;
    std::vector<std::string> rooms_;
};

}  // namespace chatflow::load
