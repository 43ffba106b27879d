// RedisCollectors
