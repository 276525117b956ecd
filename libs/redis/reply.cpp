#include "libs/redis/reply.hpp"

#include "libs/redis/errors.hpp"

#include <hiredis/hiredis.h>

namespace chatflow::redis {
namespace {

const redisReply* element_of(const redisReply* reply, std::size_t index) {
    if (reply == nullptr || index >= reply->elements) {
        throw ProtocolError("reply has no element " + std::to_string(index));
    }
    return reply->element[index];
}

}  // namespace

void Reply::Free::operator()(redisReply* reply) const { freeReplyObject(reply); }

Reply::Kind Reply::kind_of(const redisReply* reply) {
    if (reply == nullptr) return Kind::Nil;
    switch (reply->type) {
        case REDIS_REPLY_INTEGER:
            return Kind::Integer;
        case REDIS_REPLY_DOUBLE:
            return Kind::Double;
        case REDIS_REPLY_BOOL:
            return Kind::Boolean;
        case REDIS_REPLY_STRING:
        case REDIS_REPLY_VERB:
        case REDIS_REPLY_BIGNUM:
            return Kind::String;
        case REDIS_REPLY_STATUS:
            return Kind::Status;
        case REDIS_REPLY_ERROR:
            return Kind::Error;
        case REDIS_REPLY_ARRAY:
        case REDIS_REPLY_SET:
            return Kind::Array;
        case REDIS_REPLY_MAP:
            return Kind::Map;
        case REDIS_REPLY_PUSH:
            return Kind::Push;
        default:
            return Kind::Nil;
    }
}

std::string_view Reply::text_of(const redisReply* reply) {
    const Kind kind = kind_of(reply);
    if (kind != Kind::String && kind != Kind::Status) {
        throw ProtocolError("expected a text in the reply");
    }
    return {reply->str, reply->len};
}

std::int64_t Reply::integer_of(const redisReply* reply) {
    if (kind_of(reply) != Kind::Integer) throw ProtocolError("expected an integer in the reply");
    return reply->integer;
}

std::optional<std::string_view> Reply::optional_text() const {
    if (is_nil()) return std::nullopt;
    return text();
}

std::string_view Reply::error_text() const {
    return is_error() ? std::string_view{value_->str, value_->len} : std::string_view{};
}

std::size_t Reply::size() const { return value_ ? value_->elements : 0; }

Reply::Element Reply::operator[](std::size_t index) const {
    return Element(element_of(value_.get(), index));
}

std::size_t Reply::Element::size() const { return value_ != nullptr ? value_->elements : 0; }

Reply::Element Reply::Element::operator[](std::size_t index) const {
    return Element(element_of(value_, index));
}

}  // namespace chatflow::redis
