#pragma once

#include <cstddef>

namespace chatflow::chat {

// What clients may send; characters are Unicode code points.
constexpr std::size_t kRoomNameMax = 100;
constexpr std::size_t kRoomTopicMax = 500;
constexpr std::size_t kSenderMax = 64;
constexpr std::size_t kClientMessageIdMax = 64;
constexpr std::size_t kMessageBodyMax = 4000;
constexpr std::size_t kReactionKindsMax = 20;  // of one message
constexpr std::size_t kReactionBytesMax = 64;  // an emoji of several parts has up to about 40
constexpr std::size_t kSearchTextMax = 200;    // bytes
constexpr std::size_t kHandleMin = 3;
constexpr std::size_t kHandleMax = 32;
constexpr std::size_t kDisplayNameMax = 100;
constexpr std::size_t kPasswordMin = 10;
constexpr std::size_t kPasswordMax = 200;  // hashing costs as much for a short one
constexpr std::size_t kBanReasonMax = 500;
constexpr std::size_t kRequestBytesMax = 64U * 1024U;
constexpr std::size_t kJsonDepthMax = 16;

constexpr int kPageDefault = 50;
constexpr int kPageMax = 200;

}  // namespace chatflow::chat
