#include "libs/redis/reply_reader.hpp"

#include "libs/redis/errors.hpp"

#include <hiredis/hiredis.h>

namespace chatflow::redis {

void ReplyReader::Free::operator()(redisReader* reader) const { redisReaderFree(reader); }

ReplyReader::ReplyReader(std::size_t reply_bytes_max)
    : reader_(redisReaderCreate()), reply_bytes_max_(reply_bytes_max) {
    if (!reader_) throw std::bad_alloc();
    // An array announces its length before its elements; each element takes three bytes or more.
    reader_->maxelements = static_cast<long long>(reply_bytes_max / 3);
}

void ReplyReader::feed(std::string_view bytes) {
    bytes_of_this_reply_ += bytes.size();
    if (redisReaderFeed(reader_.get(), bytes.data(), bytes.size()) != REDIS_OK) {
        throw ProtocolError(reader_->errstr);
    }
}

std::optional<Reply> ReplyReader::next() {
    void* reply = nullptr;
    if (redisReaderGetReply(reader_.get(), &reply) != REDIS_OK) {
        throw ProtocolError(reader_->errstr);
    }
    if (reply == nullptr) {
        if (bytes_of_this_reply_ > reply_bytes_max_) {
            throw ProtocolError("reply is longer than " + std::to_string(reply_bytes_max_) +
                                " bytes");
        }
        return std::nullopt;
    }
    // What is buffered beyond this reply belongs to the next.
    bytes_of_this_reply_ = reader_->len - reader_->pos;
    return Reply(static_cast<redisReply*>(reply));
}

}  // namespace chatflow::redis
