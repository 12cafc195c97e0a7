"""Messages to AMQP brokers."""
