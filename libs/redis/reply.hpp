#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

struct redisReply;

namespace chatflow::redis {

/// One value that Redis answered; owns its memory, nested values are views into it.
class Reply {
 public:
    enum class Kind { Nil, Integer, Double, Boolean, String, Status, Error, Array, Map, Push };

    Reply() = default;  // nil
    explicit Reply(redisReply* owned) : value_(owned) {}

    [[nodiscard]] Kind kind() const { return kind_of(value_.get()); }
    [[nodiscard]] bool is_nil() const { return kind() == Kind::Nil; }
    [[nodiscard]] bool is_error() const { return kind() == Kind::Error; }

    /// The text of a string or status. Throws ProtocolError for other kinds.
    [[nodiscard]] std::string_view text() const { return text_of(value_.get()); }
    /// Nothing for nil.
    [[nodiscard]] std::optional<std::string_view> optional_text() const;
    /// Throws ProtocolError unless it is an integer.
    [[nodiscard]] std::int64_t integer() const { return integer_of(value_.get()); }
    /// The text of an error, "" for other kinds.
    [[nodiscard]] std::string_view error_text() const;

    /// An element of an array, map (keys and values in turn) or push.
    class Element;
    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] Element operator[](std::size_t index) const;

 private:
    friend class Element;
    struct Free {
        void operator()(redisReply* reply) const;
    };
    static Kind kind_of(const redisReply* reply);
    static std::string_view text_of(const redisReply* reply);
    static std::int64_t integer_of(const redisReply* reply);

    std::unique_ptr<redisReply, Free> value_;
};

class Reply::Element {
 public:
    explicit Element(const redisReply* value) : value_(value) {}

    [[nodiscard]] Kind kind() const { return kind_of(value_); }
    [[nodiscard]] bool is_nil() const { return kind() == Kind::Nil; }
    [[nodiscard]] std::string_view text() const { return text_of(value_); }
    [[nodiscard]] std::int64_t integer() const { return integer_of(value_); }
    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] Element operator[](std::size_t index) const;

 private:
    const redisReply* value_;
};

}  // namespace chatflow::redis
